"""Tables of handing out in bulk. Imported through `models`. Handouts themselves are in
code_tables."""

from django.db import models
from django.db.models import F, Q

from promint.core.rules import BatchStatus, limits
from promint.core.storage import KeyText, choices_of, empty, jobs


class BulkHandout(jobs.Job):
    """A file of recipients, each of whom gets a code of a list. Its rows are counted as they are
    done, whether they get a code or not."""

    PREFIX = "hbk"
    list = models.ForeignKey("core.PromoList", models.CASCADE, related_name="+")
    early = models.BooleanField(default=False)  # also before the list starts
    quantity = models.PositiveIntegerField(default=0)  # rows, once they are read
    handed_out = models.PositiveIntegerField(default=0)  # rows that have a code
    rejected = models.PositiveIntegerField(default=0)
    status = models.CharField(
        max_length=7, choices=choices_of(BatchStatus), default=BatchStatus.PENDING
    )
    error = models.CharField(max_length=500, null=True)
    file_name = models.CharField(max_length=limits.FILE_NAME_CHARACTERS)  # as sent
    stored_as = models.CharField(max_length=40)  # the name of its files while they are kept
    sheets = models.JSONField(default=empty)  # names of the sheets, if a workbook has several
    reasons = models.JSONField(default=dict)  # how many rows were rejected for which reason
    account = models.JSONField(default=dict)  # how the file was understood
    plan = models.JSONField(default=dict)  # how the worker is to read the file
    created_by = models.CharField(max_length=300)
    finished_at = models.DateTimeField(null=True)
    rows_kept = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="active") | Q(quantity=F("handed_out") + F("rejected")),
                name="bulk_handout_accounted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stepped_at"], name="bulk_handout_pending", condition=Q(status="pending")
            ),
            models.Index(
                fields=["finished_at"], name="bulk_handout_kept", condition=Q(rows_kept=True)
            ),
            models.Index(fields=["list", "created_at"], name="bulk_handout_by_list"),
        ]


class BulkHandoutRow(models.Model):
    """The result of a row: a code, or the reason why there is none."""

    pk = models.CompositePrimaryKey("bulk_id", "sheet", "row")
    bulk = models.ForeignKey(
        BulkHandout, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    sheet = models.PositiveIntegerField()  # 0: the first, or the only one
    row = models.PositiveIntegerField()  # the line in the file or sheet; the first is 1
    value = models.CharField(max_length=limits.CUSTOMER_CHARACTERS)  # the recipient, as read
    code = KeyText(max_length=64, null=True)
    reason = models.CharField(max_length=17, blank=True)
