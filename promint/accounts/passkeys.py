"""Passkeys (WebAuthn): keys in a phone, a computer or a token, which sign what Promint asks. They
are a second factor beside codes from an app; recovery codes go along.

A passkey belongs to the host of PROMINT_BASE_URL and answers only to pages from there.
"""

import json
import struct
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from promint.accounts import allowances, second_factor
from promint.accounts.allowances import Kind, Use
from promint.accounts.models import Passkey, SecondFactor, Staff
from promint.core import audit
from promint.core.rules import checks, ids, invalid, not_found
from promint.core.storage import database_now, durable

MOST = 20  # of one person
# What libraries raise when an answer is not shaped like one.
_MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    struct.error,
)
_WRONG = "The passkey was not taken, or this page was open for too long. Try once more."
_THERE = "This passkey is there already."

State = dict[str, Any]  # what has to be kept until the browser answers


def ask_for_new(staff: Staff) -> tuple[dict[str, Any], State]:
    """What the browser is asked in order to make a passkey."""
    entity = PublicKeyCredentialUserEntity(
        id=f"staff:{staff.id}".encode(), name=staff.email, display_name=staff.name or staff.email
    )
    options, state = _server().register_begin(
        entity,
        [_key(one) for one in Passkey.objects.filter(staff=staff)],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), dict(state)


def add(staff_id: int, name: str, answer: str, state: State | None, actor: str) -> list[str]:
    """From now on the person signs in with a second factor. Returns recovery codes if this is the
    first one, and then ends the person's sessions. Raises Refused."""
    name = name.strip()
    try:
        data = _server().register_complete(state or {}, json.loads(answer))
    except _MALFORMED:
        raise invalid({"passkey": _WRONG}) from None
    if wrong := checks.line(name, Passkey.NAME_CHARACTERS):
        raise invalid({"name": wrong})
    credential = data.credential_data
    assert credential is not None
    key = Passkey(
        staff_id=staff_id,
        name=name,
        credential_id=credential.credential_id,
        credential=bytes(credential),
        counter=data.counter,
    )
    try:
        return _add(key, actor)
    except IntegrityError:  # the same form was sent twice at once
        raise invalid({"passkey": _THERE}) from None


@durable
def _add(key: Passkey, actor: str) -> list[str]:
    staff = Staff.objects.select_for_update().get(id=key.staff_id)
    codes = [] if staff.has_second_factor else second_factor.begin(staff)
    if Passkey.objects.filter(credential_id=key.credential_id).exists():
        raise invalid({"passkey": _THERE})
    if Passkey.objects.filter(staff=staff).count() >= MOST:
        raise invalid({"name": f"You have {MOST} passkeys: remove one that you do not use."})
    key.save(force_insert=True)
    audit.record(actor, "staff.passkey_added", staff.email, after={"name": key.name})
    return codes


def ask_for_one_of(staff: Staff) -> tuple[dict[str, Any], State] | None:
    """What the browser is asked at a sign-in; None if the person has no passkey."""
    found = [_key(one) for one in Passkey.objects.filter(staff=staff)]
    if not found:
        return None
    wanted = UserVerificationRequirement.PREFERRED
    options, state = _server().authenticate_begin(found, wanted)
    return dict(options), dict(state)


def judge(staff: Staff, answer: str, state: State | None, address: str) -> bool:
    """Whether a passkey of this person answers what it was asked. Raises UsedUp when too much was
    tried."""
    uses = [Use(Kind.SECOND_FACTOR, str(staff.id))]
    allowances.take(uses)
    right = _judge(staff, answer, state, uses, address)
    if not right and (wait := allowances.wait(uses)):
        raise allowances.UsedUp(wait)
    return right


@durable
def _judge(staff: Staff, answer: str, state: State | None, uses: list[Use], address: str) -> bool:
    said = {"address": address}
    key = _answered(staff, answer, state)
    if key is None:
        audit.record(staff.actor, "staff.second_factor_failed", staff.email, after=said)
        return False
    key.last_used_at = database_now()
    key.save(update_fields=["counter", "last_used_at"])
    allowances.give_back(uses)
    audit.record(staff.actor, "staff.signed_in", staff.email, after={**said, "passkey": key.name})
    return True


def _answered(staff: Staff, answer: str, state: State | None) -> Passkey | None:
    """The passkey that signed the answer, with its new counter. A counter that does not grow
    belongs to a copy; many passkeys always have zero."""
    keys = list(Passkey.objects.select_for_update().filter(staff=staff))
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        used = _server().authenticate_complete(state or {}, [*map(_key, keys)], response)
        counter = response.response.authenticator_data.counter
    except _MALFORMED:
        return None
    key = next(one for one in keys if bytes(one.credential_id) == used.credential_id)
    if (counter or key.counter) and counter <= key.counter:
        return None
    key.counter = counter
    return key


@durable
def remove(staff_id: int, public_id: str, actor: str) -> Passkey:
    """Without another passkey or an app, the second factor is off then. Raises Refused."""
    staff = Staff.objects.select_for_update().get(id=staff_id)
    key = of(staff, public_id)
    key.delete()
    audit.record(actor, "staff.passkey_removed", staff.email, before={"name": key.name})
    app = SecondFactor.objects.filter(staff=staff).exclude(secret="").exists()
    if not app and not Passkey.objects.filter(staff=staff).exists():
        second_factor.end(staff, actor)
    return key


def of(staff: Staff, public_id: str) -> Passkey:
    """Raises Refused for one that is somebody else's too."""
    key = ids.key_of(Passkey.PREFIX, public_id)
    found = None if key is None else Passkey.objects.filter(id=key, staff=staff).first()
    if found is None:
        raise not_found("passkey")
    return found


def _key(row: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(row.credential))


def _server() -> Fido2Server:
    parts = urlsplit(settings.BASE_URL)
    ours = f"{parts.scheme}://{parts.netloc}"
    rp = PublicKeyCredentialRpEntity(name="Promint", id=parts.hostname or "")
    return Fido2Server(rp, verify_origin=lambda origin: origin == ours)
