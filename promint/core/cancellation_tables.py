"""Tables of cancellations in bulk. Imported through `models`."""

from django.db import models
from django.db.models import Q

from promint.core.rules import limits
from promint.core.storage import KeyText, empty, jobs


class Cancellation(jobs.Job):
    """Many codes that are cancelled together: those of a list, of a batch, or codes by name. Its
    undo is worked on in the same row.

    `status`: waiting (until another manager confirms it), pending (a worker cancels, or makes
    available again), active (done), failed, declined. If `list` is null, it is about the codes in
    `named`.
    """

    PREFIX = "cnl"
    STATES = ("waiting", "pending", "active", "failed", "declined")

    list = models.ForeignKey("core.PromoList", models.PROTECT, null=True)
    batch = models.ForeignKey("core.Batch", models.PROTECT, null=True, related_name="+")
    only_handed_out = models.BooleanField(null=True)  # True: only handed out; False: only others
    named = models.JSONField(default=empty)  # canonical codes, each once
    reason = models.CharField(max_length=limits.REASON_CHARACTERS)
    status = models.CharField(
        max_length=8, choices=[(state, state) for state in STATES], default="pending"
    )
    error = models.CharField(max_length=500, null=True)
    created_by = models.CharField(max_length=300)
    expected = models.PositiveIntegerField()  # codes, according to the preview
    expected_is = models.CharField(max_length=8)  # exact, at_least or at_most
    decided_by = models.CharField(max_length=300, blank=True)  # confirmed or declined it
    decided_at = models.DateTimeField(null=True)
    quantity = models.PositiveIntegerField()  # codes that are looked at
    looked_at = models.PositiveIntegerField(default=0)
    at_batch = models.PositiveIntegerField(default=0)  # where the next step begins: its batch
    at_code = KeyText(max_length=64, blank=True)  # and the code before it
    cancelled = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)  # how many codes were not cancelled for which reason
    finished_at = models.DateTimeField(null=True)
    undo_by = models.CharField(max_length=300, blank=True)
    undo_asked_at = models.DateTimeField(null=True)
    undo_at_code = KeyText(max_length=64, blank=True)
    freed = models.PositiveIntegerField(default=0)  # codes that are available again
    kept = models.PositiveIntegerField(default=0)  # codes that stay cancelled for other reasons
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("waiting", "pending", "active", "failed", "declined")),
                name="cancellation_status",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undo_asked_at__isnull=False),
                name="cancellation_undone_when_asked",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="cancellation_by_time"),
            models.Index(
                fields=["stepped_at"], name="cancellation_pending", condition=Q(status="pending")
            ),
        ]

    @property
    def is_undone_or_being(self) -> bool:
        return self.undo_asked_at is not None


class CancelledCode(models.Model):
    """A code that a cancellation in bulk wants cancelled. It stays cancelled until this is undone.

    `earlier`: another cancellation in bulk had cancelled it before. `kept`: somebody cancelled the
    code singly since, so no undo makes it available again.
    """

    pk = models.CompositePrimaryKey("code", "cancellation_id")
    code = KeyText(max_length=64)
    cancellation = models.ForeignKey(
        Cancellation, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    earlier = models.BooleanField()
    kept = models.BooleanField(default=False, db_default=False)
    cancelled_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    freed = models.BooleanField(default=False, db_default=False)  # made available by the undo

    class Meta:
        indexes = [models.Index(fields=["cancellation", "code"], name="cancelled_by_cancellation")]
