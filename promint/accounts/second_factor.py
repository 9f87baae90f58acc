"""The second factor of a sign-in: a code of six digits that an app shows (TOTP, RFC 6238), a
passkey (promint.accounts.passkeys), or one of ten recovery codes, each of which works once.

The secret that an app and Promint share is sealed in the database. A code is taken within half a
minute before and after its own, for clocks that differ, and never twice.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

from promint.accounts import allowances, sessions
from promint.accounts.allowances import Kind, Use
from promint.accounts.models import Passkey, SecondFactor, Staff
from promint.core import audit
from promint.core.rules import invalid, not_found
from promint.core.storage import database_now, durable, sealed

STEP = 30  # seconds
ISSUER = "Promint"
RECOVERY_CODES = 10
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
_PURPOSE = "second factor"
_WRONG = (
    "This is not the code that the app shows now. Check that the clock of your phone is right, and"
    " type the next code."
)


def new_secret() -> str:
    return pyotp.random_base32()


def address_for_app(staff: Staff, secret: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.email, issuer_name=ISSUER)


def why_wrong(secret: str, code: str) -> str | None:
    """What is wrong with a code that is typed to turn it on; None if nothing is."""
    return _WRONG if _step_of(secret, code, database_now(), after=0) is None else None


@durable
def turn_on(staff_id: int, secret: str, code: str, actor: str) -> list[str]:
    """From now on the person signs in with a code too. Returns the recovery codes, which are kept
    as hashes only, and ends the person's sessions; none if there are passkeys already. Raises
    Refused for a wrong code."""
    now = database_now()
    step = _step_of(secret, code, now, after=0)
    if step is None:
        raise invalid({"code": _WRONG})
    staff = Staff.objects.select_for_update().get(id=staff_id)
    if has_app(staff):
        raise invalid({"code": "Your second factor is on already."})
    codes = [] if staff.has_second_factor else begin(staff)
    shared = {"secret": sealed.seal(_PURPOSE, secret), "last_step": step}
    SecondFactor.objects.filter(staff=staff).update(**shared)
    audit.record(actor, "staff.second_factor_on", staff.email)
    return codes


def begin(staff: Staff) -> list[str]:
    """The first second factor of this person, within the caller's transaction. Ends their sessions
    and returns the recovery codes."""
    Passkey.objects.filter(staff=staff).delete()  # the last release knows none to delete
    codes = _new_codes()
    hashes = [*map(_hashed, codes)]
    SecondFactor.objects.create(staff=staff, secret="", last_step=0, recovery_codes=hashes)
    staff.second_factor_since = database_now()
    staff.save(update_fields=["second_factor_since"])
    sessions.end_all(staff)
    return codes


def has_app(staff: Staff) -> bool:
    return SecondFactor.objects.filter(staff=staff).exclude(secret="").exists()


@durable
def turn_off(staff_id: int, actor: str) -> Staff:
    """From now on the person's password is enough, unless a second factor is demanded; then one has
    to be set up at the next sign-in. Ends the person's sessions."""
    staff = Staff.objects.select_for_update().get(id=staff_id)
    if staff.has_second_factor:
        end(staff, actor)
    return staff


def end(staff: Staff, actor: str) -> None:
    """App, passkeys and recovery codes, within the caller's transaction."""
    Passkey.objects.filter(staff=staff).delete()
    SecondFactor.objects.filter(staff=staff).delete()
    staff.second_factor_since = None
    staff.save(update_fields=["second_factor_since"])
    sessions.end_all(staff)
    audit.record(actor, "staff.second_factor_off", staff.email)


@durable
def renew_recovery_codes(staff_id: int, actor: str) -> list[str]:
    """New recovery codes; the old ones work no more. Raises Refused."""
    factor = _locked(staff_id)
    if factor is None:
        raise not_found("second factor")
    codes = _new_codes()
    factor.recovery_codes = [*map(_hashed, codes)]
    factor.save(update_fields=["recovery_codes"])
    audit.record(actor, "staff.recovery_codes_renewed", factor.staff.email)
    return codes


def recovery_codes_left(staff: Staff) -> int:
    found = SecondFactor.objects.filter(staff=staff).first()
    return len(found.recovery_codes) if found is not None else 0


def judge(staff: Staff, typed: str, address: str) -> bool:
    """Whether this is the code of now, or a recovery code, which is used up then. Raises UsedUp
    when too many wrong ones were typed."""
    uses = [Use(Kind.SECOND_FACTOR, str(staff.id))]
    allowances.take(uses)
    right = _judge(staff, typed, uses, address)
    if not right and (wait := allowances.wait(uses)):
        raise allowances.UsedUp(wait)
    return right


@durable
def _judge(staff: Staff, typed: str, uses: list[Use], address: str) -> bool:
    factor = _locked(staff.id)
    said = {"address": address}
    if factor is None or not (_is_code_of_now(factor, typed) or _is_recovery_code(factor, typed)):
        audit.record(staff.actor, "staff.second_factor_failed", staff.email, after=said)
        return False
    factor.save(update_fields=["last_step", "recovery_codes"])
    allowances.give_back(uses)
    said["recovery_codes_left"] = str(len(factor.recovery_codes))
    audit.record(staff.actor, "staff.signed_in", staff.email, after=said)
    return True


def _locked(staff_id: int) -> SecondFactor | None:
    """None if it was removed a moment ago."""
    return SecondFactor.objects.select_for_update(of=("self",)).filter(staff=staff_id).first()


def _is_code_of_now(factor: SecondFactor, typed: str) -> bool:
    secret = sealed.unseal(_PURPOSE, factor.secret)
    if secret is None:  # the installation's secret has changed; recovery codes work
        return False
    step = _step_of(secret, typed, database_now(), after=factor.last_step)
    factor.last_step = step or factor.last_step
    return step is not None


def _is_recovery_code(factor: SecondFactor, typed: str) -> bool:
    hashed = _hashed(typed)
    if hashed not in factor.recovery_codes:
        return False
    factor.recovery_codes = [code for code in factor.recovery_codes if code != hashed]
    return True


def _step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step whose code this is, if it is a present one and later than `after`."""
    digits = re.sub(r"\s", "", code)
    present = int(now.timestamp()) // STEP
    for step in range(max(present - 1, after + 1), present + 2):
        expected = pyotp.TOTP(secret).generate_otp(step)
        if hmac.compare_digest(expected.encode(), digits.encode()):
            return step
    return None


def _new_codes() -> list[str]:
    """Of 48 random bits each, in two groups."""
    drawn = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


def _hashed(code: str) -> str:
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return hashlib.sha256(plain.encode()).hexdigest()


@durable
def demand(wanted: bool, actor: Staff) -> None:
    """Let everybody, also who is invited later, sign in with a second factor; or leave it to them.

    Raises Refused if the administrator has none yet, and does not sign in through the provider.
    """
    own = Staff.objects.get(id=actor.id)
    if wanted and not (own.has_second_factor or own.is_linked):
        raise invalid({"second_factor": "Set up your own second factor first, in your profile."})
    if is_demanded() != wanted:
        Staff.objects.update(second_factor_demanded=wanted)
        action = "staff.second_factor_demanded" if wanted else "staff.second_factor_left_open"
        audit.record(actor.actor, action, "")


def is_demanded() -> bool:
    """Whether a new account needs a second factor, like those that are there."""
    return Staff.objects.filter(second_factor_demanded=True).exists()
