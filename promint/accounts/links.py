"""Links with which someone sets a password: invited, or having forgotten it.

A link holds no secret of the database. It is signed, works for a time, and names the state of the
account that it was made for, so it ends with the first password that is set by it.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import constant_time_compare, salted_hmac

from promint.accounts.models import Staff

INVITATION_VALID = timedelta(days=7)
_SALT = "promint.accounts.links"


def valid_for(staff: Staff) -> timedelta:
    """A week for someone who has no password yet, else as long as mails are slow."""
    forgotten = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return forgotten if staff.has_usable_password() else INVITATION_VALID


def address_of(staff: Staff) -> str:
    token = TimestampSigner(salt=_SALT).sign_object([staff.id, _state(staff)])
    return f"{settings.BASE_URL}/password/{token}"


def staff_of(token: str) -> Staff | None:
    """The person whose password this link may set; None if it is invalid, used or too old."""
    signer = TimestampSigner(salt=_SALT)
    try:
        staff_id, state = signer.unsign_object(token)
        staff = Staff.objects.filter(id=staff_id, is_active=True).first()
        if staff is None or not constant_time_compare(state, _state(staff)):
            return None
        signer.unsign_object(token, max_age=valid_for(staff))
    except BadSignature:
        return None
    return staff


def _state(staff: Staff) -> str:
    """Changes with the password and with each sign-in."""
    return salted_hmac(_SALT, f"{staff.id}:{staff.password}:{staff.last_login}").hexdigest()
