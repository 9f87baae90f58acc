"""GET /metrics, for Prometheus: on an address of its own, or behind a token on the main port."""

from promint.server.metrics.behind_token import BehindToken
from promint.server.metrics.own_address import serve
from promint.server.metrics.shared import PLACE, begin, end

__all__ = ["PLACE", "BehindToken", "begin", "end", "serve"]
