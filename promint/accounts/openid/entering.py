"""Whose account it is that somebody from the provider enters, and in which role.

An account belongs to the issuer and subject that came first, which a provider gives to one person
for ever. Only for a first time is it found by its e-mail address, and only when the provider says
that the address is verified; nobody enters an account that belongs to another subject. The role is
that of the person's groups, at each sign-in anew; but the last administrator who can sign in stays
one, because otherwise nobody could make anybody an administrator any more.
"""

from dataclasses import dataclass

from django.db import IntegrityError

from promint.accounts import second_factor, sessions, signing_in
from promint.accounts import staff as accounts
from promint.accounts.models import Staff
from promint.accounts.openid.refusals import NoEntry, Why
from promint.accounts.openid.under_way import Person
from promint.accounts.roles import Role
from promint.core import audit
from promint.core.rules import checks
from promint.core.storage import durable
from promint.openid_settings import OpenId

ACTOR = "openid"  # of what a sign-in through the provider changes


@dataclass(frozen=True, slots=True)
class Entered:
    """`kept_from`: the role that the groups say, where the last administrator stays one."""

    staff: Staff
    kept_from: Role | None = None


def enter(company: OpenId, person: Person, address: str) -> Entered:
    """`address`: where the request comes from. Raises NoEntry."""
    role = company.role_of(person.groups)
    try:
        found = _enter(person, role, address)
    except IntegrityError:  # the same person's first sign-in, twice at once
        found = _enter(person, role, address)
    if isinstance(found, Why):
        raise NoEntry(found)
    return found


@durable
def _enter(person: Person, role: Role | None, address: str) -> Entered | Why:
    # Before the person's own row, as everywhere.
    admins = accounts.lock_admins() if role is not Role.ADMIN else set()
    staff = _account_of(person)
    if isinstance(staff, Why):
        return _refused(person, staff, address)
    if staff is not None and not staff.is_active:
        return _refused(person, Why.DEACTIVATED, address)
    if role is None:
        if staff is not None:
            sessions.end_all(staff)
        return _refused(person, Why.NO_GROUP, address)
    if staff is None:
        staff = _made(person, role)
    _belongs_to(staff, person)
    kept_from = role if admins == {staff.id} else None
    if kept_from is None:
        _takes_role(staff, role)
    else:
        said = {"role": staff.role, "role_of_groups": role.value}
        audit.record(ACTOR, "staff.role_kept", staff.email, after=said)
    said = {"address": address, "through": person.issuer}
    audit.record(staff.actor, "staff.signed_in", staff.email, after=said)
    return Entered(staff, kept_from)


def _account_of(person: Person) -> Staff | Why | None:
    """None: there is none yet."""
    locked = Staff.objects.select_for_update()
    own = locked.filter(openid_subject=_subject(person)).first()
    if own is not None:
        return own
    if checks.address(person.email):
        return Why.NO_ADDRESS
    if not person.is_verified:
        return Why.UNVERIFIED
    found = locked.filter(email=person.email).first()
    linked = found.openid_subject if found is not None else None
    if linked is not None and linked.startswith(f"{person.issuer} "):
        return Why.OTHER_PERSON
    return found


def _refused(person: Person, why: Why, address: str) -> Why:
    if signing_in.room_in_the_log():
        after = {"address": address, "why": why.name.lower(), "subject": person.subject}
        audit.record(signing_in.NOBODY, "staff.openid_refused", person.email, after=after)
    return why


def _made(person: Person, role: Role) -> Staff:
    staff = Staff(email=person.email, role=role.value, name=person.name)
    staff.second_factor_demanded = second_factor.is_demanded()
    staff.set_unusable_password()
    staff.save()
    after = {"role": role.value, "name": person.name}
    audit.record(ACTOR, "staff.created", staff.email, after=after)
    return staff


def _belongs_to(staff: Staff, person: Person) -> None:
    subject = _subject(person)
    if staff.openid_subject != subject:
        before = {"subject": staff.openid_subject}
        staff.openid_subject = subject
        staff.save(update_fields=["openid_subject"])
        sessions.end_all(staff)  # of whoever used the account before
        audit.record(ACTOR, "staff.linked", staff.email, before=before, after={"subject": subject})


def _takes_role(staff: Staff, role: Role) -> None:
    if staff.role != role:
        before, after = {"role": staff.role}, {"role": role.value}
        staff.role = role.value
        staff.save(update_fields=["role"])
        sessions.end_all(staff)
        audit.record(ACTOR, "staff.role_changed", staff.email, before=before, after=after)


def _subject(person: Person) -> str:
    return f"{person.issuer} {person.subject}"
