"""Tables of what happens to a code besides its claim. Imported through `models`."""

from django.db import models

from promint.core.rules import limits
from promint.core.storage import KeyText


class Reversal(models.Model):
    """A claim that was taken back, and the outcomes that were withdrawn with it. One row for each
    such claim, never changed."""

    pk = models.CompositePrimaryKey("code", "customer", "round")
    code = KeyText(max_length=64)
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    round = models.PositiveSmallIntegerField()
    available_again = models.BooleanField()  # whether the code can be claimed again
    points = models.BigIntegerField()
    offers = models.JSONField(default=list)  # keys of offers
    tags = models.JSONField(default=list)  # only those that no other claim gave
    reason = models.CharField(max_length=limits.REASON_CHARACTERS, blank=True)
    actor = models.CharField(max_length=300)
    reversed_at = models.DateTimeField()
    list = models.ForeignKey(
        "core.PromoList", models.DO_NOTHING, db_constraint=False, db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["customer", "reversed_at"], name="reversal_by_customer")]


class Handout(models.Model):
    """A code that was given to a person. Inserted, never changed.

    `place` numbers the codes of this list that the recipient has, from 0. Decision 34 says why the
    list is in both keys.
    """

    pk = models.CompositePrimaryKey("list_id", "code")
    list = models.ForeignKey(
        "core.PromoList", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    code = KeyText(max_length=64)
    recipient = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    place = models.PositiveSmallIntegerField()
    id = KeyText(max_length=36)
    handed_out_at = models.DateTimeField()
    actor = models.CharField(max_length=300)
    reason = models.CharField(max_length=limits.REASON_CHARACTERS, blank=True)
    bulk_id = models.BigIntegerField(null=True)  # of the file by which it was handed out

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "recipient", "place"], name="handout_place"),
        ]
        indexes = [
            models.Index(fields=["list", "handed_out_at", "code"], name="handout_by_list"),
            models.Index(fields=["recipient", "handed_out_at"], name="handout_by_recipient"),
        ]


class HandoutCount(models.Model):
    """How many codes of a list were handed out: the sum of a list's rows. A process writes to a row
    of its own, so that handouts of one list do not wait for each other."""

    pk = models.CompositePrimaryKey("list_id", "slot")
    list = models.ForeignKey("core.PromoList", models.CASCADE, db_index=False)
    slot = models.PositiveSmallIntegerField()
    codes = models.BigIntegerField()


class BatchStock(models.Model):
    """Where to look for a free code of a batch: no free code comes before `begins`, except for
    those in `returned`, which became free again. The row is made when the first code is handed out.
    """

    batch = models.OneToOneField(
        "core.Batch",
        models.DO_NOTHING,
        primary_key=True,
        related_name="stock",
        db_constraint=False,
    )
    begins = KeyText(max_length=64, blank=True)
    returned = models.JSONField(default=list)  # canonical codes


class AgentHandouts(models.Model):
    """How many codes of a list a member of staff handed out on one UTC day. The number is
    limited."""

    pk = models.CompositePrimaryKey("list_id", "actor", "day")
    list = models.ForeignKey("core.PromoList", models.CASCADE, db_index=False)
    actor = models.CharField(max_length=300)
    day = models.DateField()
    codes = models.PositiveIntegerField()


class RefusedAttempt(models.Model):
    """The latest refusals of a known code, at most one in each slot, so that a flood of attempts
    cannot fill the table."""

    pk = models.CompositePrimaryKey("code", "slot")
    code = KeyText(max_length=64)
    slot = models.PositiveSmallIntegerField()  # 0..15, by the customer
    customer = KeyText(max_length=limits.CUSTOMER_CHARACTERS)
    verdict = models.CharField(max_length=40)
    refused_at = models.DateTimeField()
    tries = models.BigIntegerField()  # all refusals that ever fell into this slot

    class Meta:
        indexes = [models.Index(fields=["customer", "refused_at"], name="refused_by_customer")]
