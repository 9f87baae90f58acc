"""Staff accounts: who signs in to the dashboard."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from promint.accounts.models import Staff
from promint.accounts.roles import Role
from promint.core import audit, checks, limits
from promint.core.refusals import invalid
from promint.core.transactions import durable


@durable
def create(email: str, role: Role, password: str, actor: str, name: str = "") -> Staff:
    """Raises Refused: not an address, a weak password, or the address has an account."""
    email = email.strip().lower()
    wrong = {
        "email": checks.address(email) or _taken(email),
        "name": checks.line(name.strip(), limits.NAME_CHARACTERS, least=0),
        "password": _weak(password),
    }
    if found := {field: problem for field, problem in wrong.items() if problem}:
        raise invalid(found)
    staff = Staff(email=email, role=role.value, name=name.strip())
    staff.set_password(password)
    staff.save()
    audit.record(actor, "staff.created", email, after={"role": role.value})
    return staff


def _taken(email: str) -> str | None:
    exists = Staff.objects.filter(email=email).exists()
    return "This address has an account already." if exists else None


def _weak(password: str) -> str | None:
    try:
        validate_password(password)
    except ValidationError as error:
        return " ".join(error.messages)
    return None
