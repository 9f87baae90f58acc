"""Lists, codes, offers, keys and people for tests, made by the same verbs that users use."""

from datetime import timedelta
from itertools import count

from django.test import Client

from promint.accounts import keys, staff
from promint.accounts.models import Staff
from promint.accounts.roles import Role, Scope
from promint.core import codes, lists
from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.codes import batches, generation
from promint.core.lists import offers
from promint.core.models import Batch, Offer, PromoList
from promint.core.rules import codewords
from promint.core.rules.new_list import NewList
from promint.core.rules.rules import BatchStatus, ListType
from promint.core.storage.clock import database_now
from promint.core.storage.jobs import Job
from promint.worker.generation import Generator

ACTOR = "staff:tests@example.com"
PASSWORD = "correct horse battery staple"
_numbers = count(1)


def a_list(
    type: ListType = ListType.SINGLE_USE,
    *,
    name: str = "Spring",
    starts_in: timedelta = timedelta(days=-1),
    ends_in: timedelta = timedelta(days=30),
    points: int | None = 100,
    code: str | None = None,
    **more: object,
) -> PromoList:
    """A list that has been active since yesterday and lasts a month. `more`: other fields of
    NewList."""
    if type is ListType.MULTI_USE and code is None:
        code = f"Spring{next(_numbers)}"
    now = database_now()
    new = NewList(
        name=name,
        type=type,
        starts_at=now + starts_in,
        ends_at=now + ends_in,
        points=points,
        code=code,
        **more,  # type: ignore[arg-type]
    )
    return lists.create(new, ACTOR)


def an_offer(name: str = "Free coffee", description: str = "") -> Offer:
    return offers.create(name, description, ACTOR)


def a_pending_batch(promo_list: PromoList, quantity: int = 3, **more: object) -> Batch:
    asked = {"name": "", "notify": [], **more}
    return batches.request(promo_list.public_id, quantity, actor=ACTOR, **asked)  # type: ignore[arg-type]


def a_batch(promo_list: PromoList, quantity: int = 3, **more: object) -> Batch:
    """A batch that is generated and active."""
    batch = a_pending_batch(promo_list, quantity, **more)
    generate(batch)
    return batches.find(batch.public_id)


def generate(batch: Batch) -> None:
    """Complete the batch by a worker of its own."""
    let_go(batch)
    generator = Generator()
    while batches.find(batch.public_id).status == BatchStatus.PENDING:
        assert generator.turn(), "someone else holds the batch"


def let_go(job: Job) -> None:
    """End the lease on the job, as if its time were over."""
    past = database_now() - timedelta(seconds=1)
    type(job)._default_manager.filter(id=job.id).update(leased_until=past)


def shown_codes(batch: Batch) -> list[str]:
    """The codes as people read them."""
    return [state.shown for state in codes.of_batch(batch, "", batch.quantity)]


def some_codes(quantity: int, promo_list: PromoList | None = None) -> list[str]:
    """New codes that can be claimed, as people read them."""
    return shown_codes(a_batch(promo_list or a_list(), quantity))


def a_code() -> str:
    return some_codes(1)[0]


def third_party_codes(promo_list: PromoList, typed: list[str]) -> Batch:
    """An active batch of these codes."""
    batch = batches.add(promo_list, ACTOR, quantity=len(typed), name="", notify=[])
    generation.finish(batch, sorted(codewords.canonical(code) or "" for code in typed))
    return batches.find(batch.public_id)


def claim(code: str, customer: str = "cust-1", **more: object) -> Result:
    (reply,) = claim_many([Attempt(code, customer, "key_tests", **more)])  # type: ignore[arg-type]
    assert reply.result is not None
    return reply.result


def a_key(*scopes: Scope, name: str = "Till") -> str:
    """The API key; of both scopes by default."""
    return keys.create(name, list(scopes or Scope), ACTOR)[1]


def a_member(role: Role) -> Staff:
    """A member of staff."""
    return staff.create(f"{role}-{next(_numbers)}@example.com", role, PASSWORD, ACTOR)


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(a_member(role), "django.contrib.auth.backends.ModelBackend")
    return client
