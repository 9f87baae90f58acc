"""What people change about themselves."""

from promint.accounts.models import Staff
from promint.core import audit
from promint.core.rules import checks, invalid, limits
from promint.core.storage import durable


@durable
def edit(staff_id: int, name: str, time_zone: str, actor: str) -> Staff:
    """Change name and time zone. An empty `time_zone` means that of the installation.

    Raises Refused.
    """
    name = name.strip()
    found = {
        "name": checks.line(name, limits.NAME_CHARACTERS, least=0),
        "time_zone": checks.zone(time_zone) if time_zone else None,
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)
    staff = Staff.objects.select_for_update().get(id=staff_id)
    before = {"name": staff.name, "time_zone": staff.time_zone}
    after = {"name": name, "time_zone": time_zone}
    if after != before:
        staff.name, staff.time_zone = name, time_zone
        staff.save(update_fields=["name", "time_zone"])
        audit.record(actor, "staff.profile_edited", staff.email, before=before, after=after)
    return staff
