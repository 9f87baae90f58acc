"""Archive a list, or bring it back, from the list's page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import lists
from promint.core.rules import ListStatus
from promint.core.storage import database_now
from promint.dashboard.page import StaffRequest, needs


@needs(Permission.MANAGE)
def archive(request: StaffRequest, list_id: str) -> HttpResponse:
    """`back=yes` brings the list back."""
    if request.POST.get("back") == "yes":
        found = lists.unarchive(list_id, request.user.actor)
        said = f"{found.name} is among the lists again."
    else:
        found = lists.archive(list_id, request.user.actor)
        over = found.status(database_now()) is ListStatus.COMPLETED
        said = f"{found.name} is archived." + ("" if over else " Its codes work as before.")
    messages.success(request, said)
    return redirect("list", found.public_id)
