"""Signing in and out, and passwords."""

from promint.dashboard.sign_in.password_fields import NewPasswordFields, password_input
from promint.dashboard.sign_in.sign_in import sign_in, sign_out

__all__ = ["NewPasswordFields", "password_input", "passwords", "sign_in", "sign_out"]
