"""Coming from another system: its .csv export of codes becomes lists, codes and claims.

Read the modules in this order: systems, rows, plan, carrying_out. docs/moving.md says what becomes
what.
"""

from promint.moving.carrying_out import carry_out, finish_earlier_run
from promint.moving.plan import REASONS, Plan, plan
from promint.moving.rows import read
from promint.moving.systems import SYSTEMS

__all__ = ["REASONS", "SYSTEMS", "Plan", "carry_out", "finish_earlier_run", "plan", "read"]
