"""Batches: requested, completed or failed, and read."""

from django.db.models import F, Q, QuerySet, Sum

from promint.core import audit, events, lists
from promint.core.events import alerts, described
from promint.core.models import Batch, ListCounter, PromoList
from promint.core.rules import (
    BatchStatus,
    Event,
    ListStatus,
    ListType,
    Refusal,
    Refused,
    checks,
    codewords,
    ids,
    invalid,
    limits,
    not_found,
)
from promint.core.storage import database_now, durable, hold, jobs

ROW_RESULTS = ("created", "rejected")
SOURCE_OF = {ListType.SINGLE_USE: "generated", ListType.THIRD_PARTY: "upload"}


@durable
def request(list_id: str, quantity: int, name: str, notify: list[str], actor: str) -> Batch:
    """Ask for `quantity` generated codes. Raises Refused."""
    promo_list = open_for_batches(list_id, ListType.SINGLE_USE)
    check_request(name, notify, quantity)
    _check_key_space(promo_list, quantity)
    return add(promo_list, actor, quantity=quantity, name=name, notify=notify)


def open_for_batches(list_id: str, wanted: ListType) -> PromoList:
    """The list, with its counter locked. Raises Refused unless it takes batches of this type
    now."""
    promo_list = lists.find(list_id)
    check_type(promo_list, wanted)
    promo_list.counter = lists.lock_counter(promo_list.id)
    promo_list.refresh_from_db(fields=["ends_at"])
    if promo_list.status(database_now()) is ListStatus.COMPLETED:
        raise Refused(
            Refusal.LIST_COMPLETED,
            "The list is completed: it has ended or its cap is reached."
            " A later end or a higher cap opens it again.",
        )
    return promo_list


def check_type(promo_list: PromoList, wanted: ListType) -> None:
    """Raises Refused if the list takes codes of another kind."""
    if promo_list.type != wanted:
        raise Refused(
            Refusal.WRONG_LIST_TYPE,
            f"This is a {promo_list.type_label.lower()} list; only {wanted.label.lower()} lists"
            f" take {'generated' if wanted is ListType.SINGLE_USE else 'uploaded'} codes.",
        )


def check_request(name: str, notify: list[str], quantity: int | None = None) -> None:
    found = {
        "name": checks.line(name.strip(), limits.BATCH_NAME_CHARACTERS, least=0),
        "notify": checks.addresses(notify),
        "quantity": None if quantity is None else checks.whole_number(quantity, limits.BATCH_CODES),
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)


def _check_key_space(promo_list: PromoList, quantity: int) -> None:
    """Raises Refused if too few codes are free. All codes of one prefix and length share one
    space, whichever lists they belong to."""
    hold(f"key space {promo_list.code_length} {promo_list.code_prefix}")
    room = codewords.room(promo_list.code_length, existing_codes(promo_list))
    if quantity > room:
        message = (
            f"Codes of {promo_list.code_length} characters leave room for {room:,} more before"
            " guessing gets too easy. Ask for fewer, or create a list with longer codes."
        )
        raise Refused(Refusal.KEYSPACE_TOO_SMALL, message, {"quantity": message})


def existing_codes(promo_list: PromoList) -> int:
    """How many codes of the list's format were requested, from the numbers that batches keep."""
    sharing = Batch.objects.filter(
        source="generated",
        list__code_length=promo_list.code_length,
        list__code_prefix=promo_list.code_prefix,
    )
    total: int | None = sharing.aggregate(total=Sum("quantity"))["total"]
    return total or 0


def add(promo_list: PromoList, actor: str, **columns: object) -> Batch:
    """Adds a pending batch to a list whose counter is locked."""
    PromoList.objects.filter(id=promo_list.id).update(batches_made=F("batches_made") + 1)
    promo_list.refresh_from_db(fields=["batches_made"])
    columns["name"] = str(columns["name"]).strip()
    columns["notify"] = list(dict.fromkeys(columns["notify"]))  # type: ignore[call-overload]
    now = database_now()
    batch = Batch.objects.create(
        list=promo_list,
        number=promo_list.batches_made,
        source=SOURCE_OF[ListType(promo_list.type)],
        created_by=actor,
        created_at=now,
        stepped_at=now,
        **columns,
    )
    after = {"name": batch.label, "quantity": batch.quantity, "list": promo_list.public_id}
    audit.record(actor, f"batch.{_ASKED[batch.source]}", batch.public_id, after=after)
    return batch


_ASKED = {"generated": "requested", "upload": "uploaded"}


def find(public_id: str) -> Batch:
    key = ids.key_of(Batch.PREFIX, public_id)
    found = None if key is None else Batch.objects.select_related("list").filter(id=key).first()
    if found is None:
        raise not_found("batch")
    return found


def of_list(list_id: int) -> QuerySet[Batch]:
    """The batches of a list, newest first."""
    return Batch.objects.filter(list=list_id).select_related("list").order_by("-number")


def codes_on_the_way(list_id: int) -> int:
    """How many codes the pending batches of a list will bring."""
    pending = Batch.objects.filter(list=list_id, status=BatchStatus.PENDING)
    total: int | None = pending.aggregate(total=Sum("quantity"))["total"]
    return total or 0


def waiting(source: str) -> QuerySet[Batch]:
    return Batch.objects.filter(source=source, status=BatchStatus.PENDING)


def rows_so_far() -> dict[tuple[str, str], int]:
    """How many rows of all batches became codes or were rejected, by source and result."""
    counts = Batch.objects.values("source").annotate(codes=Sum("created"), refused=Sum("rejected"))
    found = {(source, result): 0 for source, _ in Batch.SOURCES for result in ROW_RESULTS}
    for row in counts.order_by():
        for result, count in zip(ROW_RESULTS, (row["codes"], row["refused"]), strict=True):
            found[row["source"], result] = count
    return found


def activate(batch: Batch) -> None:
    """The batch is complete: its codes are counted and can be claimed. The list's counter is
    locked."""
    current = Batch.objects.get(id=batch.id)
    jobs.write(batch, status=BatchStatus.ACTIVE, error=None, finished_at=database_now())
    ListCounter.objects.filter(list=batch.list_id).update(
        codes=F("codes") + current.created, cancelled=F("cancelled") + current.cancelled
    )
    alerts.queue(batch, "finished")
    _tell(Event.BATCH_ACTIVE, batch.id)


@durable
def fail(batch: Batch, reason: str) -> None:
    """Mark a batch as failed. Its codes stay, but cannot be claimed until someone tries again."""
    lists.lock_counter(batch.list_id)  # before the batch's row, as everywhere
    set_failed(batch, reason)


def set_failed(batch: Batch, reason: str) -> None:
    """The same as `fail`, in a transaction that is open and has locked the list's counter."""
    jobs.write(batch, status=BatchStatus.FAILED, error=reason[:500], finished_at=database_now())
    alerts.queue(batch, "failed")
    audit.record("worker", "batch.failed", batch.public_id, after={"error": reason[:500]})
    _tell(Event.BATCH_FAILED, batch.id)


def _tell(event: Event, batch_key: int) -> None:
    """Tell webhooks of a batch as its row is now."""
    batch = Batch.objects.select_related("list").get(id=batch_key)
    data = described.batch_data(batch)
    events.record(event, batch.list_id, data, batch.finished_at or database_now())


@durable
def retry(public_id: str, actor: str) -> Batch:
    """Let a failed batch continue where it stopped. Does nothing to a batch that has not failed."""
    batch = find(public_id)
    failed = Batch.objects.filter(Q(id=batch.id) & Q(status=BatchStatus.FAILED))
    free_at = database_now()  # at once: the worker that failed has released it
    if failed.update(
        status=BatchStatus.PENDING, error=None, finished_at=None, leased_until=free_at
    ):
        batch.mails.filter(about="failed").delete()
        audit.record(actor, "batch.retried", public_id)
    return find(public_id)
