"""The tables. Every limit of a claim is a constraint here; other rules are kept by the verbs of
core.

Small tables (lists, offers, batches, jobs) have a random number as primary key. Big tables (codes,
claims, points, issued offers, tags, kept answers) have no such number: their primary keys begin
with the column by which they would be spread over several database servers:
docs/decisions/0005-ready-to-spread.md.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from promint.core.cancellation_tables import Cancellation as Cancellation
from promint.core.cancellation_tables import CancelledCode as CancelledCode
from promint.core.code_tables import AgentHandouts as AgentHandouts
from promint.core.code_tables import BatchStock as BatchStock
from promint.core.code_tables import Handout as Handout
from promint.core.code_tables import HandoutCount as HandoutCount
from promint.core.code_tables import RefusedAttempt as RefusedAttempt
from promint.core.code_tables import Reversal as Reversal
from promint.core.file_tables import FilePiece as FilePiece
from promint.core.handout_tables import BulkHandout as BulkHandout
from promint.core.handout_tables import BulkHandoutRow as BulkHandoutRow
from promint.core.list_tables import ClaimHour as ClaimHour
from promint.core.list_tables import ListCounter as ListCounter
from promint.core.list_tables import ListOffer as ListOffer
from promint.core.list_tables import Offer as Offer
from promint.core.list_tables import PromoList as PromoList
from promint.core.offer_tables import FormerOfferName as FormerOfferName
from promint.core.rules import BatchStatus, limits
from promint.core.storage import Identified, KeyText, choices_of, jobs
from promint.core.storage import empty as empty
from promint.core.webhook_tables import Delivery as Delivery
from promint.core.webhook_tables import Webhook as Webhook


class Batch(jobs.Job):
    PREFIX = "bat"
    SOURCES = [("generated", "generated"), ("upload", "upload")]

    list = models.ForeignKey(PromoList, models.PROTECT, related_name="batches", db_index=False)
    number = models.PositiveIntegerField()  # 1, 2, 3 within the list
    source = models.CharField(max_length=9, choices=SOURCES, default="generated")
    name = models.CharField(max_length=limits.BATCH_NAME_CHARACTERS, blank=True)
    quantity = models.PositiveIntegerField()  # codes asked for; of an upload: its rows, once known
    created = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    status = models.CharField(
        max_length=7, choices=choices_of(BatchStatus), default=BatchStatus.PENDING
    )
    error = models.CharField(max_length=500, null=True)
    file_name = models.CharField(max_length=limits.FILE_NAME_CHARACTERS, blank=True)  # as uploaded
    stored_as = models.CharField(max_length=40, blank=True)  # names its files while they are kept
    sheets = models.JSONField(default=empty)  # names of the sheets, if a workbook has several
    reasons = models.JSONField(default=dict)  # how many rows were rejected for which reason
    account = models.JSONField(default=dict)  # how the file of an upload was understood
    plan = models.JSONField(default=dict)  # how the worker is to read the file
    notify = models.JSONField(default=empty)
    created_by = models.CharField(max_length=300)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "number"], name="batch_number_once"),
            models.CheckConstraint(
                condition=Q(source="upload") | Q(created__lte=F("quantity")),
                name="batch_never_too_many",
            ),
            models.CheckConstraint(
                condition=~Q(status="active", source="generated") | Q(created=F("quantity")),
                name="batch_active_when_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="active", source="upload")
                | Q(quantity=F("created") + F("rejected")),
                name="upload_active_when_accounted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stepped_at"], name="batch_pending", condition=Q(status="pending")
            ),
        ]

    @property
    def label(self) -> str:
        return self.name or f"Batch {self.number}"


class Code(models.Model):
    """A code. It is claimed if a claim of it exists; this row says only whether it is cancelled.

    There are no foreign key constraints, which would make loading a million codes nearly four times
    slower. The doctor checks the references instead.
    """

    value = KeyText(max_length=64, primary_key=True)
    list = models.ForeignKey(PromoList, models.DO_NOTHING, db_constraint=False, db_index=False)
    batch = models.ForeignKey(
        Batch, models.DO_NOTHING, db_constraint=False, db_index=False, null=True
    )
    typed = models.CharField(max_length=limits.TYPED_CODE_CHARACTERS, null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["batch", "value"], name="code_by_batch"),
            models.Index(
                fields=["batch", "value"], name="code_cancelled", condition=~Q(cancelled_at=None)
            ),
        ]


class RejectedRow(models.Model):
    """A row of an upload that did not become a code."""

    pk = models.CompositePrimaryKey("batch_id", "sheet", "row")
    batch = models.ForeignKey(
        Batch, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    sheet = models.PositiveIntegerField()  # 0: the first, or the only one
    row = models.PositiveIntegerField()  # the line in the file or sheet; the first is 1
    value = models.CharField(max_length=limits.TYPED_CODE_CHARACTERS)
    reason = models.CharField(max_length=17)


class Claim(models.Model):
    """A customer got a code. Inserted, never changed.

    `round` counts how often the code had been made available again before: decision 31. Whether the
    claim was taken back is read from its reversal (core.codes.reversals).
    """

    pk = models.CompositePrimaryKey("code_id", "customer", "round")
    code = models.ForeignKey(Code, models.PROTECT, db_index=False, db_column="code")
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    list = models.ForeignKey(PromoList, models.PROTECT, db_index=False)
    round = models.PositiveSmallIntegerField(db_default=0)
    id = KeyText(max_length=36)
    claimed_at = models.DateTimeField()
    single_use = models.BooleanField()  # True for single use and 3rd party codes
    reversed_at: datetime | None = None  # set by queries that read the reversal too

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "round"], name="claim_once", condition=Q(single_use=True)
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="claim_by_id"),
            models.Index(fields=["list", "claimed_at"], name="claim_by_list"),
            models.Index(fields=["customer", "claimed_at"], name="claim_by_customer"),
        ]


class Customer(models.Model):
    """`points` is negative if a claim was taken back after its points were spent. `claims` does not
    count claims that were taken back."""

    id = KeyText(max_length=limits.CUSTOMER_CHARACTERS, primary_key=True)
    points = models.BigIntegerField(default=0)
    claims = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(Lower("id"), name="customer_by_lower_case")]


class PointsEntry(models.Model):
    """The ledger: points issued by one claim, or taken back by its reversal (below zero)."""

    pk = models.CompositePrimaryKey("customer", "code", "round", "reversal")
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    code = KeyText(max_length=64)
    round = models.PositiveSmallIntegerField(db_default=0)
    reversal = models.BooleanField(db_default=False)
    points = models.BigIntegerField()
    issued_at = models.DateTimeField()


class IssuedOffer(models.Model):
    pk = models.CompositePrimaryKey("customer", "code", "offer_id", "round")
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    code = KeyText(max_length=64)
    round = models.PositiveSmallIntegerField(db_default=0)
    offer_id = models.BigIntegerField()
    issued_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)  # by the reversal of the claim


class CustomerTag(models.Model):
    pk = models.CompositePrimaryKey("customer", "tag")
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    tag = models.CharField(max_length=limits.TAG_CHARACTERS)
    tagged_at = models.DateTimeField()


class KeptAnswer(models.Model):
    """What was answered to an idempotency key. `owner` is the caller: the same key of another
    caller is another key."""

    pk = models.CompositePrimaryKey("key", "owner")
    key = KeyText(max_length=limits.IDEMPOTENCY_KEY_CHARACTERS)
    owner = KeyText(max_length=100)
    fingerprint = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    kept_at = models.DateTimeField(db_index=True)
    managing = models.BooleanField(
        default=False, db_default=False
    )  # not about a claim; kept for a day

    class Meta:
        indexes = [
            models.Index(
                fields=["kept_at"], name="kept_managing", condition=models.Q(managing=True)
            )
        ]


class GuessingCustomer(models.Model):
    """A customer who entered unknown codes lately; see rules.Guesses. Deleted when it no longer
    matters."""

    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS, primary_key=True)
    recent = models.JSONField(default=empty)
    locked_until = models.DateTimeField(null=True)
    lockouts = models.PositiveIntegerField(default=0)
    guessed_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["locked_until"],
                name="guessing_locked",
                condition=Q(locked_until__isnull=False),
            )
        ]


class CallerHour(models.Model):
    """How many codes a caller tried in one UTC hour, and how many of them were unknown."""

    pk = models.CompositePrimaryKey("owner", "hour")
    owner = KeyText(max_length=100)
    hour = models.DateTimeField(db_index=True)
    attempts = models.BigIntegerField()
    unknown = models.BigIntegerField()


class Export(jobs.Job):
    PREFIX = "exp"
    list = models.ForeignKey(PromoList, models.PROTECT)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True)
    what = models.CharField(max_length=6, default="codes", db_default="codes")  # or claims
    format = models.CharField(max_length=4)
    only_status = models.CharField(max_length=9, null=True)  # of the codes in it; null: any
    only_handed_out = models.BooleanField(null=True)  # True: only handed out; False: only others
    chosen = models.JSONField(null=True)  # canonical codes; null: all of the batch or list
    sheet = models.JSONField(null=True)  # of format pdf: how it is printed
    status = models.CharField(
        max_length=7, choices=choices_of(BatchStatus), default=BatchStatus.PENDING
    )
    error = models.CharField(max_length=500, null=True)
    rows = models.PositiveIntegerField(default=0)  # written so far
    quantity = models.PositiveIntegerField(default=0)  # rows, once it is complete
    created_by = models.CharField(max_length=300)
    finished_at = models.DateTimeField(null=True)


class QueuedMail(jobs.Job):
    """A mail to one address. The change that causes it writes the row; a worker sends the mail."""

    address = models.CharField(max_length=limits.ADDRESS_CHARACTERS)
    # status: pending, sent or refused
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Mail(QueuedMail):
    """An alert about one batch: once when it is finished, once if it failed."""

    PREFIX = "mal"
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="mails")
    about = models.CharField(max_length=8, choices=[("finished", "finished"), ("failed", "failed")])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "address", "about"], name="mail_once"),
        ]


class AuditEntry(Identified):
    """Who changed what. `actor` is text ("staff:ines@…", "key:till"), not a reference to an
    account."""

    PREFIX = "aud"
    actor = models.CharField(max_length=300)
    action = models.CharField(max_length=40)
    subject = KeyText(max_length=300)  # a public id, a canonical code, an account's name
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "created_at"], name="audit_by_subject"),
            models.Index(fields=["created_at", "id"], name="audit_by_time"),
            models.Index(fields=["actor", "created_at"], name="audit_by_actor"),
            models.Index(fields=["action", "created_at"], name="audit_by_action"),
        ]
