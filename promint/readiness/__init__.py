"""What an operator should know before strangers can reach Promint: one line for each thing that is
looked at. Nothing is changed, and no mail is sent.

Read remark.py first: it says what "fine" means.
"""

from promint.readiness.remark import Line, Mark
from promint.readiness.report import look

__all__ = ["Line", "Mark", "look"]
