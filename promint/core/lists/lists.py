"""Promo code lists: create, edit, find."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from promint.core import audit, events
from promint.core.events import described
from promint.core.lists import offers
from promint.core.lists.versions import check_version, editable
from promint.core.models import Code, ListCounter, ListOffer, Offer, PromoList
from promint.core.rules import (
    Event,
    HandoutRules,
    ListType,
    NewList,
    Refusal,
    Refused,
    Stock,
    checks,
    codewords,
    ids,
    invalid,
    limits,
    not_found,
    problems,
    rfc3339,
    rules,
)
from promint.core.storage import database_now, durable


def create(new: NewList, actor: str, copied_from: str | None = None) -> PromoList:
    """`copied_from`: the public id of the list of which it is a copy, for the audit log. Raises
    Refused if a field is wrong or the code exists already."""
    try:
        return _create(new, actor, copied_from)
    except IntegrityError:  # another request was faster with the same code
        raise _code_exists(codewords.canonical(new.code or "")) from None


@durable
def _create(new: NewList, actor: str, copied_from: str | None) -> PromoList:
    value = codewords.canonical(new.code) if new.code is not None else None
    if wrong := problems_with(new):
        taken = wrong.keys() == {"code"} and value is not None and _taken(value)
        raise _code_exists(value) if taken else invalid(wrong)
    chosen = offers.by_public_ids(new.offers)
    promo_list = _insert(new, actor)
    ListOffer.objects.bulk_create(
        ListOffer(list=promo_list, offer=offer, place=place) for place, offer in enumerate(chosen)
    )
    if value is not None:
        Code.objects.create(value=value, list=promo_list, typed=promo_list.named_code)
    ListCounter.objects.create(
        list=promo_list, entry_cap=new.entry_cap, codes=0 if value is None else 1
    )
    audit.record(
        actor,
        "list.created",
        promo_list.public_id,
        after=_described(promo_list, chosen)
        | _handed_out(new.handout)
        | new.customer_messages
        | ({} if copied_from is None else {"copied_from": copied_from}),
    )
    now = promo_list.created_at
    events.record(Event.LIST_CREATED, promo_list.id, described.list_data(promo_list, now), now)
    return promo_list


def problems_with(new: NewList) -> dict[str, str]:
    """Everything that is wrong with a new list, by field, including a code that is taken and an
    offer that is unknown or retired."""
    value = codewords.canonical(new.code) if new.code is not None else None
    taken = value is not None and _taken(value)
    return {
        **(_code_exists(value).fields if taken else {}),
        **offers.problems_with(new.offers),
        **problems(new),
    }


def _taken(value: str) -> bool:
    return Code.objects.filter(value=value).exists()


def _insert(new: NewList, owner: str) -> PromoList:
    name, handout = new.name.strip(), new.handout or HandoutRules()
    return PromoList.objects.create(
        name=name,
        search_text=_search_text(name, new.type),
        type=new.type.value,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        timezone=new.timezone,
        code_length=new.code_length or limits.GENERATED_CHARACTERS_DEFAULT,
        code_prefix=new.code_prefix or "",
        named_code=None if new.code is None else codewords.one_line(new.code),
        points=new.points,
        tags=list(dict.fromkeys(tag.strip() for tag in new.tags)),
        handout_bound=handout.bound,
        handout_per_recipient=handout.per_recipient,
        handout_valid_days=handout.valid_days,
        handout_agents_per_day=handout.agents_per_day,
        owner=owner,
        customer_messages={name: text.strip() for name, text in new.customer_messages.items()},
        created_at=database_now(),
    )


def _described(promo_list: PromoList, chosen: list[Offer]) -> dict[str, Any]:
    return {
        "name": promo_list.name,
        "type": promo_list.type,
        "starts_at": promo_list.starts_at.isoformat(),
        "ends_at": promo_list.ends_at.isoformat(),
        "entry_cap": promo_list.counter.entry_cap,
        "points": promo_list.points,
        "offers": [offer.name for offer in chosen],
        "tags": promo_list.tags,
    }


def _handed_out(rules: HandoutRules | None) -> dict[str, Any]:
    """The rules of handing out for the audit log; nothing if they are the defaults."""
    return {} if rules is None else {f"handout_{name}": v for name, v in asdict(rules).items()}


def _code_exists(value: str | None) -> Refused:
    """The refusal, which names the list that has the code, because it may have ended long ago."""
    holder = PromoList.objects.filter(code__value=value).first()
    where = "" if holder is None else f" The list {holder.name} ({holder.public_id}) has it."
    return Refused(
        Refusal.CODE_EXISTS,
        f"This code exists already.{where} Every code belongs to one list for ever. Choose another"
        " code.",
        {"code": f"This code exists already.{where}"},
    )


def _search_text(name: str, kind: ListType) -> str:
    return f"{name.casefold()}\n{kind.label.casefold()}\n{kind.value}"


def find(public_id: str) -> PromoList:
    key = ids.key_of(PromoList.PREFIX, public_id)
    with_counter = PromoList.objects.select_related("counter")
    found = None if key is None else with_counter.filter(id=key).first()
    if found is None:
        raise not_found("list")
    return found


def by_key(list_id: int) -> PromoList:
    """The list with its counter, read again from the database."""
    return PromoList.objects.select_related("counter").get(id=list_id)


def by_keys(list_ids: Iterable[int]) -> list[PromoList]:
    """The lists with their counters, in any order."""
    return list(PromoList.objects.select_related("counter").filter(id__in=set(list_ids)))


def names_of(list_ids: Iterable[int]) -> dict[int, str]:
    return dict(PromoList.objects.filter(id__in=set(list_ids)).values_list("id", "name"))


def named(name: str) -> list[PromoList]:
    """The lists with exactly this name. Capital and small letters are the same."""
    key = f"{name.strip().casefold()}\n"
    return list(PromoList.objects.filter(search_text__startswith=key)[:100])


def lock_counter(list_id: int) -> ListCounter:
    """Locked until the end of the transaction: nobody else can claim from, cancel in or edit the
    list."""
    return ListCounter.objects.select_for_update().get(list_id=list_id)


@durable
def edit(
    public_id: str,
    changes: dict[str, Any],
    actor: str,
    versions: Collection[str] | None = None,
) -> PromoList:
    """`changes` holds name, ends_at or entry_cap. `versions`: the versions of the list for which
    the change was made; None means any. Raises Refused."""
    return _edit(public_id, changes, actor, versions)


@durable
def end_now(public_id: str, actor: str) -> PromoList:
    """Edit the list so that it ends at this moment. Raises Refused if it has not started or has
    ended already."""
    promo_list = find(public_id)
    lock_counter(promo_list.id)  # so that no claim has a later time than the end
    promo_list.refresh_from_db(fields=["ends_at"])
    now = database_now()
    if why := why_it_cannot_end(promo_list, now):
        ended = promo_list.ends_at <= now
        raise Refused(Refusal.LIST_COMPLETED, why) if ended else invalid({"ends_at": why})
    return _edit(public_id, {"ends_at": now}, actor)


def why_it_cannot_end(promo_list: PromoList, now: datetime) -> str:
    """A sentence; empty if the list can be ended at this moment."""
    if promo_list.ends_at <= now:
        return "The list has ended already."
    if promo_list.starts_at >= now:
        return "The list has not started, so there is nothing to stop. Its end can be edited."
    return ""


def _edit(
    public_id: str,
    changes: dict[str, Any],
    actor: str,
    versions: Collection[str] | None = None,
) -> PromoList:
    if locked := [field for field in changes if not rules.may_edit(field)]:
        raise Refused(
            Refusal.FIELD_LOCKED,
            "Only name, ends_at and entry_cap can be changed once a list exists.",
            dict.fromkeys(locked, "This is fixed when the list is created."),
        )
    promo_list = find(public_id)
    counter = lock_counter(promo_list.id)
    promo_list.refresh_from_db()
    promo_list.counter = counter
    check_version(promo_list, versions)
    _check_edit(promo_list, counter.claims, changes)
    before, stock = editable(promo_list), events.stock_of(counter, promo_list.type)
    promo_list.name = changes.get("name", promo_list.name).strip()
    promo_list.search_text = _search_text(promo_list.name, ListType(promo_list.type))
    promo_list.ends_at = changes.get("ends_at", promo_list.ends_at)
    counter.entry_cap = changes.get("entry_cap", counter.entry_cap)
    promo_list.save(update_fields=["name", "search_text", "ends_at"])
    counter.save(update_fields=["entry_cap"])
    after = editable(promo_list)
    if after != before:
        audit.record(actor, "list.edited", public_id, before=before, after=after)
        _tell_change(promo_list, before, stock)
    return promo_list


def _tell_change(promo_list: PromoList, before: dict[str, Any], stock: Stock) -> None:
    """Tell webhooks of the change, with the values before it, and of limits that are reached by
    it."""
    now = database_now()
    was = before | {"ends_at": rfc3339(datetime.fromisoformat(before["ends_at"]))}
    told = described.list_data(promo_list, now) | {"before": was}
    events.record(Event.LIST_CHANGED, promo_list.id, told, now)
    after = events.stock_of(promo_list.counter, promo_list.type)
    events.record_news(promo_list.id, stock, after, now)


def _check_edit(promo_list: PromoList, claims: int, changes: dict[str, Any]) -> None:
    wrong = problems_with_edit(promo_list, claims, changes)
    low = _cap_below_claims(claims, changes)
    if low and wrong == low:
        raise Refused(Refusal.CAP_BELOW_CLAIMS, low["entry_cap"], low)
    if wrong:
        raise invalid(wrong)


def problems_with_edit(
    promo_list: PromoList, claims: int, changes: dict[str, Any]
) -> dict[str, str]:
    """Everything that is wrong with changes of name, ends_at and entry_cap, by field."""
    found: dict[str, str | None] = {}
    if "name" in changes:
        found["name"] = checks.line(changes["name"].strip(), limits.NAME_CHARACTERS)
    if "ends_at" in changes:
        found["ends_at"] = checks.time(changes["ends_at"])
        if found["ends_at"] is None and changes["ends_at"] <= promo_list.starts_at:
            found["ends_at"] = "The end must be after the start."
    cap = changes.get("entry_cap")
    if cap is not None:
        found["entry_cap"] = checks.whole_number(cap, limits.ENTRY_CAP_CLAIMS)
    wrong = {field: problem for field, problem in found.items() if problem}
    return _cap_below_claims(claims, changes) | wrong


def _cap_below_claims(claims: int, changes: dict[str, Any]) -> dict[str, str]:
    cap = changes.get("entry_cap")
    if cap is None or cap >= claims:
        return {}
    return {"entry_cap": f"Use {claims:,} or more: that many claims are made already."}
