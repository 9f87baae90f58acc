"""Promo code lists."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Header, Router, Status
from pydantic import BaseModel, ConfigDict, Field

from promint.accounts.roles import Scope
from promint.api import answers, json_schema
from promint.api.answers import rfc3339
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.claims import OutcomesJson
from promint.api.management.fields import Cap, Moment, SearchText, Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.management.paging import Collection, OffsetPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import BODY, errors
from promint.core import lists
from promint.core.lists import ListFacts, facts_of
from promint.core.models import PromoList
from promint.core.rules import HandoutRules, ListType, NewList, limits
from promint.core.storage import database_now

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Lists"])

_IF_MATCH = "The ETag that the list had when it was read: if it has another one now, 412."

Type = Literal["single_use", "multi_use", "third_party"]
Stage = Literal["pending", "active", "completed"]
Sort = Literal[
    "",
    "name",
    "type",
    "status",
    "starts_at",
    "ends_at",
    "claim_count",
    "entry_cap",
    "code_count",
    "created_at",
    "-name",
    "-type",
    "-status",
    "-starts_at",
    "-ends_at",
    "-claim_count",
    "-entry_cap",
    "-code_count",
    "-created_at",
]


class CodeFormat(Shape):
    """How the codes of a single use list are made. `length` counts the characters after the
    prefix with the check character, but without dashes."""

    length: int = Field(
        default=limits.GENERATED_CHARACTERS_DEFAULT,
        json_schema_extra=dict(
            zip(("minimum", "maximum"), limits.GENERATED_CHARACTERS, strict=True)
        ),
    )
    prefix: str = Field(
        default="",
        json_schema_extra={"maxLength": limits.PREFIX_CHARACTERS, "pattern": "^[A-Z0-9]*$"},
    )


class HandoutRulesJson(Shape):
    """How the codes of a single use or 3rd party list are handed out. `bound`: only its
    recipient can claim a code that was handed out. `valid_days`: a code ends this many days
    after it was handed out. `agents_per_day`: how many codes each agent may hand out a day in
    the dashboard; null: none."""

    bound: bool = False
    per_recipient: int = Field(
        default=1, json_schema_extra={"minimum": 1, "maximum": limits.CODES_PER_RECIPIENT}
    )
    valid_days: int | None = Field(
        default=None,
        json_schema_extra={"minimum": 1, "maximum": limits.HANDED_OUT_VALID_DAYS},
    )
    agents_per_day: int | None = Field(
        default=None,
        json_schema_extra={"minimum": 1, "maximum": limits.HANDOUTS_OF_AN_AGENT_A_DAY},
    )


# Not an enum, because time zones change every year and clients are generated less often.
_ZONE = "^[A-Za-z0-9_+/-]+$"
Tag = Annotated[str, json_schema.line(limits.TAG_CHARACTERS)]


class NewOutcomes(Shape):
    """What a claim issues: points, offers or tags, at least one of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["points"]},
                {"required": ["offers"], "properties": {"offers": {"minItems": 1}}},
                {"required": ["tags"], "properties": {"tags": {"minItems": 1}}},
            ]
        }
    )

    points: int = Field(
        default_factory=int, json_schema_extra={"minimum": 1, "maximum": limits.POINTS}
    )
    offers: list[str] = Field(default=[], json_schema_extra={"maxItems": limits.OFFERS_OF_A_LIST})
    tags: list[Tag] = Field(default=[], json_schema_extra={"maxItems": limits.TAGS_OF_A_LIST})


def _only_of(type: Type, field: str, *, required: bool) -> dict[str, Any]:
    """The JSON Schema of a field that only lists of one type have."""
    own = {"required": [field], "properties": {field: {"type": "string"}}} if required else {}
    return {
        "if": {"properties": {"type": {"const": type}}},
        "then": own,
        "else": {"properties": {field: {"type": "null"}}},
    }


Sentence = Annotated[str, json_schema.line(limits.MESSAGE_CHARACTERS)]


class CustomerMessages(Shape):
    """The list's own sentences, which customers read in place of the usual ones, whatever their
    language. null: the usual one."""

    code_cancelled: Sentence | None = None
    already_claimed_by_customer: Sentence | None = None
    code_already_claimed: Sentence | None = None
    code_not_active: Sentence | None = None
    code_expired: Sentence | None = None
    cap_reached: Sentence | None = None

    @property
    def sent(self) -> dict[str, str]:
        return {name: text for name, text in self.model_dump().items() if text is not None}


class NewListJson(Shape):
    """`code`: for multi use lists only. `code_format`: for single use lists only. `handout`: not
    for multi use lists."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                _only_of("multi_use", "code", required=True),
                _only_of("single_use", "code_format", required=False),
                {
                    "if": {"properties": {"type": {"const": "multi_use"}}},
                    "then": {"properties": {"handout": {"type": "null"}}},
                },
            ]
        }
    )

    name: str = json_schema.line(limits.NAME_CHARACTERS)
    type: Type
    starts_at: Moment
    ends_at: Moment
    timezone: str = Field(default="UTC", json_schema_extra={"pattern": _ZONE})
    entry_cap: Cap = None
    outcomes: NewOutcomes
    code: str | None = Field(
        default=None,
        json_schema_extra={
            "minLength": limits.CODE_CHARACTERS[0],
            "maxLength": limits.TYPED_CODE_CHARACTERS,
        },
    )
    code_format: CodeFormat | None = None
    handout: HandoutRulesJson | None = None
    customer_messages: CustomerMessages | None = None

    def as_new_list(self) -> NewList:
        points_sent = "points" in self.outcomes.model_fields_set
        return NewList(
            name=self.name,
            type=ListType(self.type),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            timezone=self.timezone,
            entry_cap=self.entry_cap,
            points=self.outcomes.points if points_sent else None,
            offers=self.outcomes.offers,
            tags=self.outcomes.tags,
            code=self.code,
            code_length=self.code_format.length if self.code_format else None,
            code_prefix=self.code_format.prefix if self.code_format else None,
            handout=HandoutRules(**self.handout.model_dump()) if self.handout else None,
            customer_messages=self.customer_messages.sent if self.customer_messages else {},
        )


class ListChanges(Shape):
    """Fields that are sent are changed. Any other field than these is locked, which `lists.edit`
    refuses. The defaults below are never used."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": False})

    name: str = json_schema.line(limits.NAME_CHARACTERS, default_factory=str)
    ends_at: Moment = Field(default_factory=lambda: limits.LATEST)
    entry_cap: Cap = None


class ListJson(BaseModel):
    id: str
    name: str
    type: Type
    status: Stage
    starts_at: Time
    ends_at: Time
    timezone: str
    entry_cap: int | None
    claim_count: int
    code_count: int
    code: str | None
    code_format: CodeFormat | None
    handout: HandoutRulesJson | None
    outcomes: OutcomesJson
    customer_messages: dict[str, str]
    archived: bool
    created_at: Time


class ListFilter(OffsetPage):
    """An empty filter means any. `search` looks for names and types. `archived`: true for the
    lists that are archived, false for all others."""

    search: SearchText = ""
    type: Literal["", Type] = ""
    status: Literal["", Stage] = ""
    sort: Sort = ""
    archived: bool = False


def lists_json(found: list[PromoList]) -> list[dict[str, Any]]:
    now = database_now()
    facts = facts_of(promo_list.id for promo_list in found)
    return [_list_json(promo_list, facts[promo_list.id], now) for promo_list in found]


def _list_json(promo_list: PromoList, facts: ListFacts, now: datetime) -> dict[str, Any]:
    single_use = facts.type is ListType.SINGLE_USE
    code_format = {"length": promo_list.code_length, "prefix": promo_list.code_prefix}
    return {
        "id": promo_list.public_id,
        "name": promo_list.name,
        "type": promo_list.type,
        "status": promo_list.status(now),
        "starts_at": rfc3339(promo_list.starts_at),
        "ends_at": rfc3339(promo_list.ends_at),
        "timezone": promo_list.timezone,
        "entry_cap": promo_list.counter.entry_cap,
        "claim_count": promo_list.counter.claims,
        "code_count": promo_list.counter.codes,
        "code": promo_list.named_code,
        "code_format": code_format if single_use else None,
        "handout": asdict(facts.handout) if facts.single_use else None,
        "outcomes": answers.outcomes(facts.outcomes),
        "customer_messages": promo_list.customer_messages,
        "archived": promo_list.archived_at is not None,
        "created_at": rfc3339(promo_list.created_at),
    }


@router.post("", response={201: ListJson}, openapi_extra=errors(*BODY, "code_exists"))
@once_per_key
def create_list(request: ApiRequest, new: Annotated[NewListJson, JsonBody(...)]) -> Status[Any]:
    created = lists.create(new.as_new_list(), request.auth.actor)
    return Status(201, lists_json([created])[0])


@router.get("", response=Collection[ListJson], openapi_extra=errors("invalid_request"))
def find_lists(request: ApiRequest, query: Parameters[ListFilter]) -> dict[str, Any]:
    """The list with the latest start comes first, unless sorted otherwise. Sorted by
    `created_at`, new lists are added at the end, so that no list appears on two pages."""
    found = lists.search(
        database_now(),
        text=query.search,
        type=query.type,
        status=query.status,
        sort=query.sort,
        archived=query.archived,
    )
    return query.answer(found, lists_json)


@router.get("/{id}", response=ListJson, openapi_extra=errors("not_found"))
def read_list(request: ApiRequest, id: str, response: HttpResponse) -> dict[str, Any]:
    """`ETag` changes whenever name, ends_at or entry_cap changes."""
    return _with_version(lists.find(id), response)


def _with_version(promo_list: PromoList, response: HttpResponse) -> dict[str, Any]:
    response.headers["ETag"] = f'"{lists.version(promo_list)}"'
    return lists_json([promo_list])[0]


@router.patch(
    "/{id}",
    response=ListJson,
    openapi_extra=errors(
        *BODY, "not_found", "field_locked", "cap_below_claims", "changed_meanwhile"
    ),
)
def edit_list(
    request: ApiRequest,
    id: str,
    changes: Annotated[ListChanges, JsonBody(...)],
    response: HttpResponse,
    if_match: Annotated[str, Header(description=_IF_MATCH)] = "*",
) -> dict[str, Any]:
    """Change name, ends_at or entry_cap. Everything else is fixed when a list is created."""
    sent = changes.model_dump(exclude_unset=True)
    edited = lists.edit(id, sent, request.auth.actor, _versions(if_match))
    return _with_version(edited, response)


def _versions(if_match: str) -> list[str] | None:
    """The versions in a header, which are in quotes with commas between; None for *, which means
    any."""
    named = [one.strip() for one in if_match.split(",")]
    return None if named == ["*"] else [one.strip('"') for one in named]


@router.put("/{id}/customer-messages", response=ListJson, openapi_extra=errors(*BODY, "not_found"))
def set_customer_messages(
    request: ApiRequest, id: str, messages: Annotated[CustomerMessages, JsonBody(...)]
) -> dict[str, Any]:
    """Replace all of the list's own sentences."""
    edited = lists.set_customer_messages(id, messages.sent, request.auth.actor)
    return lists_json([edited])[0]


@router.delete(
    "/{id}",
    response={204: None},
    openapi_extra=errors("not_found", "list_in_use", "outcome_unknown"),
)
def delete_list(request: ApiRequest, id: str) -> HttpResponse:
    """Delete a list that has no codes and no claims."""
    lists.remove(id, request.auth.actor)
    return HttpResponse(status=204)


@router.post(
    "/{id}/archive", response=ListJson, openapi_extra=errors("not_found", "outcome_unknown")
)
@once_per_key
def archive_list(request: ApiRequest, id: str) -> Status[Any]:
    """Archive a list: it is left out of collections, and its codes can be claimed as before. An
    archived list stays as it is."""
    return Status(200, lists_json([lists.archive(id, request.auth.actor)])[0])


@router.post(
    "/{id}/unarchive", response=ListJson, openapi_extra=errors("not_found", "outcome_unknown")
)
@once_per_key
def unarchive_list(request: ApiRequest, id: str) -> Status[Any]:
    """Bring an archived list back. A list that is not archived stays as it is."""
    return Status(200, lists_json([lists.unarchive(id, request.auth.actor)])[0])
