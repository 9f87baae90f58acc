"""Webhooks: endpoints that are told of events, and what was delivered to them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core.events import deliveries, endpoints
from promint.core.models import Delivery, Webhook
from promint.core.rules import Event, Refusal, Refused, ids, limits, webhooks
from promint.core.storage import database_now
from promint.dashboard.page import (
    Meanwhile,
    StaffRequest,
    Text,
    add_refusal,
    made_once,
    names_of,
    needs,
    text_input,
)

PER_PAGE = 50  # deliveries
_REPLACED_BEFORE = (
    "This form replaced the secret already, and a secret is shown once. If it was lost, replace it"
    " once more."
)
_MADE_BEFORE = (
    "This form made its endpoint already, and a secret is shown once. If it was lost, delete the"
    " endpoint and create another."
)
_PAUSED = "The endpoint is paused. What happens meanwhile waits for it."
_GOES_ON = "The endpoint is told again, also of what it missed while it was paused."
_BACK = "The endpoint is told again, of what happens from now on."
TOLD = {
    Event.CLAIM_CREATED: "A code is claimed",
    Event.CLAIM_REVERSED: "A claim is taken back",
    Event.CODE_CANCELLED: "A code is cancelled",
    Event.CODE_HANDED_OUT: "A code is handed out",
    Event.BATCH_ACTIVE: "A batch is ready",
    Event.BATCH_FAILED: "A batch failed",
    Event.LIST_CREATED: "A list is created",
    Event.LIST_CHANGED: "A list is changed",
    Event.LIST_CAP_NEAR: "80 % of a cap is reached",
    Event.LIST_CAP_REACHED: "A cap is reached",
    Event.LIST_LOW_STOCK: "10 % of a list’s codes are left",
    Event.LIST_ENDS_SOON: "A list ends within three days",
    Event.KEY_GUESSING: "Codes may be guessed through an API key",
}


class EndpointForm(forms.Form):
    url = Text(
        label="Address",
        max_length=limits.WEBHOOK_URL_CHARACTERS,
        widget=text_input(
            autocomplete="off", autofocus=True, inputmode="url", placeholder="https://"
        ),
        help_text="Where your system takes events, as JSON by POST.",
        error_messages={"required": "Enter the address, like https://shop.example/hooks."},
    )
    events = forms.MultipleChoiceField(
        choices=[(event.value, TOLD[event]) for event in Event],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )

    def clean(self) -> None:
        """Finds everything that is wrong at once."""
        for field, problem in endpoints.problems(self.cleaned_data).items():
            self.add_error(field, problem)


@needs(Permission.ADMINISTER)
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(Permission.ADMINISTER)
def create(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, dialog="webhooks/create.html", form=EndpointForm())
    form = EndpointForm(request.POST)
    if form.is_valid():
        typed, actor = form.cleaned_data, request.user.actor
        try:
            made = made_once(
                request, lambda: endpoints.create(typed["url"], typed["events"], actor)
            )
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            if made is not None:
                more: dict[str, Any] = dict(zip(("created", "secret"), made, strict=True))
                return _page(request, dialog="webhooks/created.html", **more)
            messages.info(request, _MADE_BEFORE)
            return redirect("webhooks")
    return _page(request, 422, dialog="webhooks/create.html", form=form)


@needs(Permission.ADMINISTER)
def edit(request: StaffRequest, webhook_id: str) -> HttpResponse:
    return _edit(request, endpoints.find(webhook_id))


def _edit(request: StaffRequest, webhook: Webhook) -> HttpResponse:
    webhook_id = webhook.public_id
    first = {"url": webhook.url, "events": webhook.events}
    meanwhile = Meanwhile(first, request.POST)
    dialog: dict[str, Any] = {"dialog": "webhooks/edit.html", "meanwhile": meanwhile}
    if request.method != "POST":
        return _details(request, webhook, form=EndpointForm(initial=first), **dialog)
    form = EndpointForm(meanwhile.data)
    if form.is_valid():
        found = meanwhile.conflicts(form, webhook_id, _told)
        if found or meanwhile.settled:
            return _details(request, webhook, form=form, conflicts=found, **dialog)
        try:
            changes = meanwhile.changes(form.cleaned_data)
            endpoints.change(webhook_id, changes, request.user.actor, first)
        except Refused as refused:
            if refused.refusal is Refusal.CHANGED_MEANWHILE:  # changed since we looked
                return _edit(request, endpoints.find(webhook_id))
            add_refusal(form, refused, {})
        else:
            messages.success(request, "The endpoint is saved.")
            return redirect("webhook", webhook_id)
    return _details(request, webhook, 422, form=form, **dialog)


def _told(field: str, value: str) -> str:
    """The value of a field as a text for people."""
    return ", ".join(TOLD[Event(one)] for one in value.split(",")) if field == "events" else value


@needs(Permission.ADMINISTER)
def details(request: HttpRequest, webhook_id: str) -> HttpResponse:
    return _details(request, endpoints.find(webhook_id))


@needs(Permission.ADMINISTER)
@require_POST
def switch(request: StaffRequest, webhook_id: str) -> HttpResponse:
    """Pause the endpoint or activate it again: `status` is the new status."""
    before = endpoints.find(webhook_id)
    webhook = endpoints.change(
        webhook_id, {"status": request.POST.get("status", "")}, request.user.actor
    )
    goes_on = _BACK if before.status == "disabled" else _GOES_ON
    messages.success(request, _PAUSED if webhook.status == "paused" else goes_on)
    return redirect("webhook", webhook_id)


@needs(Permission.ADMINISTER)
@require_POST
def test(request: StaffRequest, webhook_id: str) -> HttpResponse:
    endpoints.send_test(webhook_id, request.user.actor)
    messages.success(request, "A test event is on its way. Its answer shows below.")
    return redirect("webhook", webhook_id)


@needs(Permission.ADMINISTER)
def secret(request: StaffRequest, webhook_id: str) -> HttpResponse:
    """Replace the secret, and show the new one once."""
    webhook = endpoints.find(webhook_id)
    if request.method != "POST":
        return _details(request, webhook, dialog="webhooks/secret.html")
    actor = request.user.actor
    made = made_once(request, lambda: endpoints.replace_secret(webhook_id, actor))
    if made is None:
        messages.info(request, _REPLACED_BEFORE)
        return redirect("webhook", webhook_id)
    replaced, new = made
    return _details(request, replaced, dialog="webhooks/created.html", created=replaced, secret=new)


@needs(Permission.ADMINISTER)
def delete(request: StaffRequest, webhook_id: str) -> HttpResponse:
    webhook = endpoints.find(webhook_id)
    if request.method != "POST":
        return _details(request, webhook, dialog="webhooks/delete.html")
    endpoints.delete(webhook_id, request.user.actor)
    messages.success(request, "The endpoint is deleted.")
    return redirect("webhooks")


@needs(Permission.ADMINISTER)
@require_POST
def resend(request: StaffRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    deliveries.resend(webhook_id, delivery_id, request.user.actor)
    messages.success(request, "The event is sent again. Load this page again to see the answer.")
    return redirect("webhook", webhook_id)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    found = list(endpoints.existing())
    names = names_of(one.created_by for one in found)
    rows = [(one, names[one.created_by]) for one in found]
    context = {"section": "webhooks", "rows": rows, **_choices(more), **more}
    return render(request, "webhooks/index.html", context, status=status)


def _details(
    request: HttpRequest, webhook: Webhook, status: int = 200, **more: Any
) -> HttpResponse:
    before = ids.key_of(Delivery.PREFIX, request.GET.get("before", ""))
    found = list(deliveries.of_webhook(webhook, before)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    context = {
        "section": "webhooks",
        "webhook": webhook,
        "told_of": [TOLD[Event(name)] for name in webhook.events],
        "also_signed_until": _still_to_come(webhook.old_secret_until),
        "awaited": before is None and any(_is_awaited(one) for one in shown),
        "deliveries": [(one, _indented(one.body)) for one in shown],
        "first_page": before is None,
        "next": shown[-1].public_id if len(found) > PER_PAGE else None,
        **_choices(more),
        **more,
    }
    return render(request, "webhooks/details.html", context, status=status)


def _is_awaited(delivery: Delivery) -> bool:
    """Whether a person waits for its answer: it is a test that was not tried yet."""
    untried = delivery.status == "pending" and not delivery.attempts
    return delivery.event == webhooks.TEST and untried


def _still_to_come(at: datetime | None) -> datetime | None:
    return at if at is not None and at > database_now() else None


def _choices(more: dict[str, Any]) -> dict[str, Iterable[tuple[str, str, bool]]]:
    """The events to choose from: name, words, and whether each is chosen."""
    chosen = more["form"]["events"].value() or [] if "form" in more else []
    return {"events": [(event.value, TOLD[event], event.value in chosen) for event in Event]}


def _indented(body: str) -> str:
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
