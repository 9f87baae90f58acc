"""Who signs in: whether a name and a password belong together, and how often that may be tried.

Before a password is hashed, allowances are taken: a device that has signed in as this person before
has one of its own; all others use those of the name, over all addresses, and of the address, over
all names. What was right is given back. So strangers cannot keep anybody out for longer than it
takes to set a password by a link, and learn from no answer whether a name exists.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from promint.accounts import allowances, devices, hashing, network_addresses
from promint.accounts.allowances import Kind, Use, UsedUp
from promint.accounts.models import Staff
from promint.core import audit
from promint.core.rules import limits
from promint.core.storage import durable
from promint.openid_settings import Passwords

NOBODY = "nobody"  # the actor of what happens before someone has signed in


class OnlyThroughProvider(Exception):
    """The password is right, but this account signs in through the company's provider. The text
    is the provider's name."""


@dataclass(frozen=True, slots=True)
class Origin:
    address: str  # network_addresses.plain
    device: str = ""  # the cookie of devices.remember; empty: none


def judge(name: str, password: str, origin: Origin) -> Staff | None:
    """The person; None if the name or the password is wrong. Somebody with a second factor is not
    signed in by this alone.

    Raises UsedUp, also after the last wrong password that was allowed, Crowded when too many
    passwords are being hashed, and OnlyThroughProvider.
    """
    name = name.strip().lower()[: limits.ADDRESS_CHARACTERS]
    uses = _uses(name, origin)
    staff = _judge(name, password, uses)
    through = _only_through(staff)
    whole = staff is None or not (through or staff.has_second_factor)
    _note(name, staff, uses, origin, signs_in=whole)
    if staff is None:
        _stop_at_the_last(uses)
    if through:
        raise OnlyThroughProvider(through)
    return staff


def _only_through(staff: Staff | None) -> str:
    """The name of the provider if the person may not use a password; else empty."""
    company = settings.OPENID
    if staff is None or company is None or company.passwords is Passwords.EVERYBODY:
        return ""
    is_other = company.passwords is Passwords.OTHERS and not staff.is_linked
    return "" if is_other else company.name


def judge_own(staff: Staff, password: str, origin: Origin) -> bool:
    """Whether this is the password of `staff`, who is signed in. Raises what `judge` raises."""
    uses = [Use(Kind.OWN_PASSWORD, str(staff.id))]
    found = _judge(staff.email, password, uses)
    _note(staff.email, found, uses, origin, by=staff.actor)
    if found is None:
        _stop_at_the_last(uses)
    return found is not None


def _stop_at_the_last(uses: list[Use]) -> None:
    if wait := allowances.wait(uses):
        raise UsedUp(wait)


def _uses(name: str, origin: Origin) -> list[Use]:
    staff = Staff.objects.filter(email=name).only("id").first()
    device = devices.of(origin.device, staff.id) if staff is not None and origin.device else None
    if staff is not None and device is not None:
        own = [Use(Kind.DEVICE, f"{staff.id}:{device}")]
        if not allowances.wait(own):
            return own
    return [Use(Kind.NAME, name), Use(Kind.ADDRESS, network_addresses.network(origin.address))]


def _judge(name: str, password: str, uses: list[Use]) -> Staff | None:
    if wait := allowances.wait(uses):
        raise UsedUp(wait)  # the usual case of an attack: costs neither a place nor a write
    with hashing.a_place():
        allowances.take(uses)
        found = ModelBackend().authenticate(None, username=name, password=password)
    return found if isinstance(found, Staff) else None


@durable
def _note(
    name: str,
    staff: Staff | None,
    uses: list[Use],
    origin: Origin,
    signs_in: bool = False,
    by: str = NOBODY,
) -> None:
    """`signs_in`: whether a right password is a sign-in. `by`: who entered a wrong one."""
    if staff is not None:
        allowances.give_back(uses)
    if staff is not None and signs_in:
        audit.record(staff.actor, "staff.signed_in", name, after={"address": origin.address})
    if staff is None and room_in_the_log():
        audit.record(by, "staff.sign_in_failed", name, after={"address": origin.address})


def room_in_the_log() -> bool:
    """Whether one more wrong password is recorded. Entries of the audit log are kept for ever, so a
    flood of wrong passwords must not fill it."""
    try:
        allowances.use_up([Use(Kind.WRITTEN_DOWN, "")])
    except UsedUp:
        return False
    return True


@durable
def signed_out(staff: Staff, address: str) -> None:
    audit.record(staff.actor, "staff.signed_out", staff.email, after={"address": address})
