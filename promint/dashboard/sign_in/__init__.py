"""Signing in and out, and passwords."""

from promint.dashboard.sign_in.origin import address_of, origin_of
from promint.dashboard.sign_in.password_fields import CurrentPasswordField, NewPasswordFields
from promint.dashboard.sign_in.sign_in import sign_in, sign_out
from promint.dashboard.sign_in.ways_on import locked_out, way_on

__all__ = [
    "CurrentPasswordField",
    "NewPasswordFields",
    "address_of",
    "locked_out",
    "openid",
    "origin_of",
    "passwords",
    "second_step",
    "sign_in",
    "sign_out",
    "way_on",
]
