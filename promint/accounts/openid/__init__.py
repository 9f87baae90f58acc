"""Signing in through the company's own provider of OpenID Connect (authorization code with PKCE).

In the order of a sign-in: `begin` says where to send the browser, `finish` takes the answer that it
comes back with and says who that is, and `enter` finds or makes that person's account.
"""

from promint.accounts.openid.entering import Entered, enter
from promint.accounts.openid.refusals import NoEntry, ProviderFailed, Why
from promint.accounts.openid.under_way import FOR, begin, finish, look, sign_out_address

__all__ = [
    "FOR",
    "Entered",
    "NoEntry",
    "ProviderFailed",
    "Why",
    "begin",
    "enter",
    "finish",
    "look",
    "sign_out_address",
]
