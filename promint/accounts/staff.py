"""Staff accounts: who may sign in to the dashboard, in which role, and who leaves."""

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError
from django.db.models import Q, QuerySet

from promint.accounts import passwords, second_factor, sessions
from promint.accounts.models import Staff
from promint.accounts.roles import Role
from promint.core import audit
from promint.core.rules import checks, invalid, limits, not_found
from promint.core.storage import durable
from promint.openid_settings import Passwords

TAKEN = "This address has an account already."
LAST_ADMIN = (
    "This is the last administrator who can sign in. Make someone else an administrator first."
)


def create(email: str, role: Role, password: str, actor: str, name: str = "") -> Staff:
    """Raises Refused for a wrong address or name, a weak password, or an address that has an
    account already."""
    return _add(email, role, name, password, actor)


def invite(email: str, role: Role, name: str, actor: str) -> Staff:
    """An account without a password: a link sets the first one. Raises Refused."""
    return _add(email, role, name, None, actor)


def _add(email: str, role: Role, name: str, password: str | None, actor: str) -> Staff:
    try:
        return _insert(email.strip().lower(), role, name.strip(), password, actor)
    except IntegrityError:  # another request was faster with the same address
        raise invalid({"email": TAKEN}) from None


def problems(*, email: str | None = None, name: str | None = None) -> dict[str, str]:
    """What is wrong with what is known of a new account, by field."""
    found = {}
    if email is not None:
        taken = TAKEN if Staff.objects.filter(email=email.strip().lower()).exists() else None
        found["email"] = checks.address(email.strip().lower()) or taken
    if name is not None:
        found["name"] = checks.line(name.strip(), limits.NAME_CHARACTERS, least=0)
    return {field: problem for field, problem in found.items() if problem}


@durable
def _insert(email: str, role: Role, name: str, password: str | None, actor: str) -> Staff:
    weak = None if password is None else passwords.weak(password, email, name)
    if wrong := problems(email=email, name=name) | ({"password": weak} if weak else {}):
        raise invalid(wrong)
    demanded = second_factor.is_demanded()
    staff = Staff(email=email, role=role.value, name=name, second_factor_demanded=demanded)
    staff.set_password(password)
    staff.save()
    action = "staff.invited" if password is None else "staff.created"
    audit.record(actor, action, email, after={"role": role.value, "name": name})
    return staff


def find(staff_id: int) -> Staff:
    staff = Staff.objects.filter(id=staff_id).first()
    if staff is None:
        raise not_found("account")
    return staff


def actors_of_name(name: str) -> list[str]:
    """The actors of all people of that name, in capital or small letters."""
    return [one.actor for one in Staff.objects.filter(name__iexact=name)]


def last_admin() -> int | None:
    """The id of the only administrator who can sign in; None if there are several or none."""
    ids = list(_able_admins().values_list("id", flat=True)[:2])
    return ids[0] if len(ids) == 1 else None


@durable
def change_role(staff_id: int, role: Role, actor: str) -> Staff:
    """Ends all of the person's sessions. Raises Refused for the last administrator."""
    admins = lock_admins()
    staff = find(staff_id)
    if role is not Role.ADMIN and admins == {staff.id}:
        raise invalid({"role": LAST_ADMIN})
    if staff.role != role:
        before, after = {"role": staff.role}, {"role": role.value}
        staff.role = role.value
        staff.save(update_fields=["role"])
        sessions.end_all(staff)
        audit.record(actor, "staff.role_changed", staff.email, before=before, after=after)
    return staff


@durable
def deactivate(staff_id: int, actor: str) -> Staff:
    """Ends all sessions, for good: whoever comes back sets a new password by a link, or comes
    through the provider as for the first time.

    Raises Refused for the last administrator.
    """
    admins = lock_admins()
    staff = find(staff_id)
    if admins == {staff.id}:
        raise invalid({"account": LAST_ADMIN})
    if staff.is_active:
        staff.is_active = False
        staff.set_unusable_password()
        staff.openid_subject = None
        staff.save(update_fields=["is_active", "password", "openid_subject"])
        sessions.end_all(staff)
        audit.record(actor, "staff.deactivated", staff.email)
    return staff


@durable
def reactivate(staff_id: int, actor: str) -> Staff:
    staff = find(staff_id)
    if not staff.is_active:
        staff.is_active = True
        staff.save(update_fields=["is_active"])
        audit.record(actor, "staff.reactivated", staff.email)
    return staff


def lock_admins() -> set[int]:
    """The ids of the administrators who can sign in. Their rows stay locked until the commit, so
    that two of the last ones cannot lose their role at the same moment."""
    return {staff.id for staff in _able_admins().select_for_update().order_by("id")}


def _able_admins() -> QuerySet[Staff]:
    return Staff.objects.filter(_can_sign_in(), role=Role.ADMIN.value, is_active=True)


def _can_sign_in() -> Q:
    """With a password, or through the company's provider."""
    password = ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    company = settings.OPENID
    if company is None:
        return password
    linked = Q(openid_subject__isnull=False)
    return linked if company.passwords is Passwords.NOBODY else linked | password
