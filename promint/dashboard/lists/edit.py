"""Edit a promo code list: its name, its end and its cap. Other fields are shown locked."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core import lists
from promint.core.models import PromoList
from promint.core.rules import Refusal, Refused
from promint.dashboard.lists import conflicts, costs, names
from promint.dashboard.lists.liability import Liability, unreadable
from promint.dashboard.lists.messages import FIELDS as MESSAGE_FIELDS
from promint.dashboard.lists.messages import MessagesForm
from promint.dashboard.lists.state import ListState, of_list
from promint.dashboard.lists.warnings import WarningsForm, told
from promint.dashboard.page import (
    End,
    Question,
    StaffRequest,
    WholeNumber,
    add_refusal,
    ask_which,
    day_field,
    focus_on_end,
    list_name_field,
    moment_in,
    needs,
    some_time_of,
    time_field,
    unanswered,
    until_end_of_day,
    which_field,
    whole_number,
    why_unreadable,
)

FIELDS = {"ends_at": "end_date", "entry_cap": "cap"}  # core's names → this form's


class EditForm(forms.Form):
    name = list_name_field()
    end_date = day_field(label="Expiration date")
    end_time = time_field(label="Expiration time")
    end_which = which_field()
    cap = WholeNumber(label="Entry cap")

    def __init__(self, promo_list: PromoList, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.list = promo_list
        for field in self.fields.values():
            field.show_hidden_initial = True  # sent back, so that it is known what the person saw
        ask_which(self, "end", promo_list.timezone)

    def clean(self) -> None:
        """Finds everything that is wrong at once: core checks what can be read, even if other
        fields cannot."""
        try:
            changes = self.changes()
        except forms.ValidationError as problem:
            self.add_error("end_time", problem)
            changes = self.changes()
        day = self.cleaned_data.get("end_date")
        end = some_time_of(day, time.max, self.list.timezone)
        if "end_time" in self.errors and end is not None:
            changes["ends_at"] = end
        wrong = lists.problems_with_edit(self.list, self.list.counter.claims, changes)
        for name, problem_there in wrong.items():
            if (field := FIELDS.get(name, name)) not in self.errors:
                self.add_error(field, problem_there)

    def changes(self) -> dict[str, Any]:
        """What can be read and differs from what the person saw, so that changes of others are
        kept. An end that was not changed keeps its seconds."""
        typed, changed = self.cleaned_data, self._changed()
        found = {}
        if "name" in changed & typed.keys():
            found["name"] = typed["name"]
        if "cap" in changed & typed.keys():
            found["entry_cap"] = typed["cap"]
        if (
            changed & {"end_date", "end_time", "end_which"}
            and {"end_date", "end_time"} <= typed.keys()
        ):
            ends = datetime.combine(typed["end_date"], typed["end_time"])
            found["ends_at"] = moment_in(self.list.timezone, ends, typed.get("end_which", ""))
        return found

    def _changed(self) -> set[str]:
        unseen = {name for name in self.fields if self.add_initial_prefix(name) not in self.data}
        unseen.discard("end_which")  # this field is shown only if it must be asked
        return unseen | set(self.changed_data)


@needs(Permission.MANAGE)
@of_list
def edit(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    if request.method != "POST":
        return _page(
            request, promo_list, EditForm(promo_list, initial=conflicts.shown_at_first(promo_list))
        )
    match request.POST.get("do"):
        case "preview":
            return _page(request, promo_list, _as_typed(promo_list, request.POST.dict()))
        case "end-of-day":
            form = _as_typed(promo_list, until_end_of_day(request.POST.dict()))
            focus_on_end(form)
            return _page(request, promo_list, form)
    return _save(request, promo_list)


def _save(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    data = conflicts.settle(request.POST, promo_list)
    form = EditForm(promo_list, data)
    if form.is_valid():
        found = conflicts.of(promo_list, data.dict(), form.changes())
        if found or data.keys() & {"keep", "take"}:
            return _page(request, promo_list, form, conflicts=found)
        if questions := unanswered(request, _costs(promo_list, form)):
            return _page(request, promo_list, form, questions)
        try:
            edited = lists.edit(
                promo_list.public_id,
                form.changes(),
                request.user.actor,
                [lists.version(promo_list)],
            )
        except Refused as refused:
            if refused.refusal is Refusal.CHANGED_MEANWHILE:  # changed since we looked
                return _save(request, lists.find(promo_list.public_id))
            add_refusal(form, refused, FIELDS)
        else:
            messages.success(request, f"{edited.name} is saved. {_twin(edited, form)}".strip())
            return redirect("list", edited.public_id)
    return _page(request, promo_list, form)


@needs(Permission.MANAGE)
@require_POST
@of_list
def save_warnings(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    """The other form of the page: who is warned, and of what."""
    return _save_warnings(request, promo_list)


def _save_warnings(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    wanted, list_id = WarningsForm(promo_list, request.POST), promo_list.public_id
    if wanted.is_valid():
        meanwhile, renamed = wanted.meanwhile, {"wanted": "switched_off"}
        wanted.conflicts = meanwhile.conflicts(wanted, list_id, told, renamed)
        if not wanted.conflicts and not meanwhile.settled:
            seen = {"owner": promo_list.owner, "muted": promo_list.muted}
            owner, muted = wanted.decided(promo_list)
            try:
                lists.set_warnings(list_id, owner, muted, request.user.actor, seen)
            except Refused as refused:
                if refused.refusal is not Refusal.CHANGED_MEANWHILE:
                    raise
                return _save_warnings(request, lists.find(list_id))  # changed since we looked
            messages.success(request, "The warnings are saved.")
            return redirect("list", list_id)
    return _page(request, promo_list, _untouched(promo_list), warnings_form=wanted)


@needs(Permission.MANAGE)
@require_POST
@of_list
def save_messages(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    """The third form of the page: what customers read."""
    return _save_messages(request, promo_list)


def _save_messages(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    wanted = MessagesForm(promo_list, request.POST)
    if wanted.is_valid():
        wanted.conflicts = wanted.meanwhile.conflicts(wanted, promo_list.public_id)
        if not wanted.conflicts and not wanted.meanwhile.settled:
            return _set_messages(request, promo_list, wanted)
    return _page(request, promo_list, _untouched(promo_list), messages_form=wanted)


def _set_messages(
    request: StaffRequest, promo_list: PromoList, wanted: MessagesForm
) -> HttpResponse:
    sentences, seen = wanted.sentences(promo_list), promo_list.customer_messages
    try:
        lists.set_customer_messages(promo_list.public_id, sentences, request.user.actor, seen)
    except Refused as refused:
        if refused.refusal is Refusal.CHANGED_MEANWHILE:  # changed since we looked
            return _save_messages(request, lists.find(promo_list.public_id))
        add_refusal(wanted, refused, MESSAGE_FIELDS)
        return _page(request, promo_list, _untouched(promo_list), messages_form=wanted)
    messages.success(request, "The sentences are saved.")
    return redirect("list", promo_list.public_id)


def _untouched(promo_list: PromoList) -> EditForm:
    """The form while another one of the page is answered, which gets the focus."""
    form = EditForm(promo_list, initial=conflicts.shown_at_first(promo_list))
    form.fields["name"].widget.attrs.pop("autofocus")
    return form


def _as_typed(promo_list: PromoList, typed: dict[str, Any]) -> EditForm:
    """The form with what the person saw at first, not checked yet."""
    form = EditForm(promo_list, typed)
    form.errors.clear()
    return form


def _costs(promo_list: PromoList, form: EditForm) -> list[str]:
    starts_at = timezone.localtime(promo_list.starts_at)
    asked = costs.of_edit(ListState.read(promo_list), starts_at, form.changes())
    return names.told_with(asked, _twin(promo_list, form))


def _twin(promo_list: PromoList, form: EditForm) -> str:
    """What is said if another list has the name that was typed now."""
    return names.same_as(form.changes().get("name", ""), but=promo_list.public_id)


def _page(
    request: StaffRequest,
    promo_list: PromoList,
    form: EditForm,
    questions: Sequence[Question] = (),
    **more: Any,
) -> HttpResponse:
    state = ListState.read(promo_list)
    cap = whole_number(form["cap"].value())
    outcomes = state.facts.outcomes
    liability = Liability(
        points=outcomes.points,
        capped=bool(str(form["cap"].value() or "").strip()),
        cap=cap,
        offers=tuple(name for _, name in outcomes.offers),
        unreadable=unreadable(cap=why_unreadable(form["cap"].value())),
    )
    context = {
        "section": "lists",
        "list": promo_list,
        "state": state,
        "form": form,
        "warnings_form": WarningsForm(promo_list),
        "messages_form": MessagesForm(promo_list),
        "end": End.of(form),
        "questions": questions,
        "name_check": names.same_as(form["name"].value() or "", but=promo_list.public_id),
        "liability": liability,
        "more_points": _more_points(state, liability),
        **more,
    }
    return render(request, "lists/edit.html", context)


def _more_points(state: ListState, liability: Liability) -> int:
    """How many points more than now the list could cost; 0 if not more, or if it cannot be
    known."""
    if liability.most_points is None or state.most_points is None:
        return 0
    return max(0, liability.most_points - state.most_points)
