"""The tables of what happens to a code beside its claim. Read as part of `models`."""

from django.db import models

from promint.core.rules import limits
from promint.core.storage import KeyText


class Reversal(models.Model):
    """A claim that was taken back, and what went back with it. One row a claim, never changed."""

    pk = models.CompositePrimaryKey("code", "customer", "round")
    code = KeyText(max_length=64)
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    round = models.PositiveSmallIntegerField()
    available_again = models.BooleanField()  # the code; otherwise it stays used
    points = models.BigIntegerField()
    offers = models.JSONField(default=list)  # keys
    tags = models.JSONField(default=list)  # those that no other claim gives
    reason = models.CharField(max_length=limits.REASON_CHARACTERS, blank=True)
    actor = models.CharField(max_length=300)
    reversed_at = models.DateTimeField()
    list = models.ForeignKey(
        "core.PromoList", models.DO_NOTHING, db_constraint=False, db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["customer", "reversed_at"], name="reversal_by_customer")]
