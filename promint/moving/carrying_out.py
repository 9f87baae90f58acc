"""Makes the lists of a plan, loads their codes, and claims those that were used.

Each step is a verb of the core. If it is interrupted, the same command goes on: batches that it
left are loaded first, and what is here already is not made again.
"""

from collections.abc import Callable, Sequence

from django.db import IntegrityError
from django.db.models import Q

from promint.core import codes, failpoints, lists, uploads
from promint.core.claiming import Attempt, claim_many
from promint.core.codes import batches
from promint.core.lists import offers
from promint.core.models import Batch, Offer, PromoList
from promint.core.rules import (
    BatchStatus,
    ListType,
    NewList,
    Refusal,
    Refused,
    Verdict,
    checks,
    csv_text,
)
from promint.core.storage import Busy
from promint.moving.plan import Described, Plan, Work, in_parts
from promint.moving.rows import Row

COLLISIONS = 5  # how often claims are tried that another process makes at the same moment
FILE_NAME = "moved.csv"

Load = Callable[[Batch], None]


def finish_earlier_run(actor: str, load: Load) -> int:
    """Load the batches that an interrupted run has left. This comes before the plan, because codes
    of a batch that is not complete are known, but cannot be claimed. Returns how many there were.
    Raises Refused if one cannot be completed."""
    left = _unfinished(actor)
    for batch in left:
        if batch.status == BatchStatus.FAILED:
            batches.retry(batch.public_id, actor)
        load(batch)
        now = batches.find(batch.public_id)
        if now.created and now.status != BatchStatus.ACTIVE:
            raise Refused(
                Refusal.UNSUPPORTED_FILE,
                f"An earlier run has loaded a part of batch {now.public_id} only, and the rest"
                f" cannot be loaded: {now.error} Run the command again when that is mended.",
            )
    return len(left)


def _unfinished(actor: str) -> list[Batch]:
    """A failed batch without codes changes nothing: its codes are new to the next run."""
    ours = Batch.objects.filter(source="upload", file_name=FILE_NAME, created_by=actor)
    in_the_middle = Q(status=BatchStatus.PENDING) | Q(status=BatchStatus.FAILED, created__gt=0)
    return list(ours.filter(in_the_middle).order_by("id"))


def carry_out(plan: Plan, actor: str, load: Load) -> int:
    """`load` waits until the batch is read. Returns how many codes were claimed. Raises Refused if
    codes could not be loaded."""
    claimed = 0
    for described, work in plan.work.items():
        if described.type is ListType.MULTI_USE:
            lists.create(_new(described, actor), actor)
            continue
        if work.fresh:
            _load(_list_of(described, actor), work, actor, load)
        for rows in in_parts(work.used):
            claimed += _claim(rows, plan, actor)
            failpoints.reach("moving.after_claims")
    return claimed


def _new(described: Described, actor: str) -> NewList:
    return NewList(
        described.name,
        described.type,
        described.starts_at,
        described.ends_at,
        entry_cap=described.entry_cap,
        offers=[_offer(described.offer, actor).public_id],
        code=described.code,
    )


def _offer(name: str, actor: str) -> Offer:
    here = Offer.objects.filter(name=name, retired_at=None).order_by("id").first()
    offer = here or offers.create(name, "", actor)
    failpoints.reach("moving.after_offer")
    return offer


def _list_of(described: Described, actor: str) -> PromoList:
    """The list, which an earlier run may have made."""
    window = (described.starts_at, described.ends_at)
    for one in lists.named(described.name):
        if (one.type, one.starts_at, one.ends_at) == (described.type, *window):
            return one
    return lists.create(_new(described, actor), actor)


def _load(promo_list: PromoList, work: Work, actor: str, load: Load) -> None:
    failpoints.reach("moving.after_list")
    content = csv_text([["code"], *([row.typed] for row in work.fresh)]).encode()
    wishes = uploads.Wishes(column="code", unlike=True)
    batch = uploads.request(promo_list.public_id, FILE_NAME, [content], "", [], actor, wishes)
    failpoints.reach("moving.after_batch")
    load(batch)
    parts = in_parts(work.fresh)
    here = sum(len(codes.existing(row.value for row in part)) for part in parts)
    if here < len(work.fresh):
        raise Refused(
            Refusal.UNSUPPORTED_FILE,
            f"{len(work.fresh) - here:,} codes of {promo_list.name} could not be loaded; its batch"
            f" {batch.public_id} says why. Run the command again when that is mended.",
        )


def _claim(rows: Sequence[Row], plan: Plan, actor: str) -> int:
    attempts = [Attempt(row.value, _customer(row, plan), caller=actor) for row in rows]
    for _ in range(COLLISIONS):
        try:
            replies = claim_many(attempts)
        except IntegrityError:
            continue  # another process was faster with one of them; it is read now
        results = [reply.result for reply in replies if reply.result is not None]
        return sum(result.verdict is Verdict.CLAIMED for result in results)
    raise Busy


def _customer(row: Row, plan: Plan) -> str:
    """Who used the code. Where the export does not say, the code is used up by a name that is
    nobody's."""
    known = bool(row.customer) and checks.customer(row.customer) is None
    return row.customer if known else f"used in {plan.system.label}"
