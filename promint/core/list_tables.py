"""Tables of lists: what they issue and what they count. Imported through `models`."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from promint.core.rules import ListStatus, ListType, limits, status_at
from promint.core.storage import Identified, choices_of, empty

NONE_YET = models.Value([], models.JSONField())
NO_MESSAGES = models.Value({}, models.JSONField())


class Offer(Identified):
    PREFIX = "off"
    name = models.CharField(max_length=limits.NAME_CHARACTERS)
    description = models.CharField(max_length=limits.OFFER_DESCRIPTION_CHARACTERS, blank=True)
    retired_at = models.DateTimeField(null=True)  # since when new lists cannot issue it

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="offer_by_name")]


class PromoList(Identified):
    PREFIX = "lst"
    name = models.CharField(max_length=limits.NAME_CHARACTERS)
    search_text = models.TextField()  # folding case can make a name three times as long
    type = models.CharField(max_length=12, choices=choices_of(ListType))
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    timezone = models.CharField(max_length=64, default="UTC")
    code_length = models.PositiveSmallIntegerField(default=limits.GENERATED_CHARACTERS_DEFAULT)
    code_prefix = models.CharField(max_length=limits.PREFIX_CHARACTERS, blank=True)
    named_code = models.CharField(max_length=limits.TYPED_CODE_CHARACTERS, null=True)
    points = models.PositiveIntegerField(null=True)
    tags = models.JSONField(default=empty)
    offers = models.ManyToManyField(Offer, through="ListOffer", related_name="lists")
    # How often one of its offers was renamed, or its sentences for customers were changed. It tells
    # processes to read its facts again.
    offer_renames = models.PositiveIntegerField(default=0, db_default=0)
    handout_bound = models.BooleanField(default=False, db_default=False)
    handout_per_recipient = models.PositiveSmallIntegerField(default=1, db_default=1)
    handout_valid_days = models.PositiveSmallIntegerField(null=True)
    handout_agents_per_day = models.PositiveSmallIntegerField(null=True)
    batches_made = models.PositiveIntegerField(default=0)  # the number of the newest batch
    archived_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=300, db_default="", default="")  # who is warned: an actor
    muted = models.JSONField(default=empty, db_default=NONE_YET)  # switched off
    warned = models.JSONField(default=empty, db_default=NONE_YET)  # told to the owner
    customer_messages = models.JSONField(default=dict, db_default=NO_MESSAGES)  # own, by verdict
    end_told = models.DateTimeField(null=True)  # the end of which list.ends_soon has told
    counter: "ListCounter"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="list_window"),
            models.CheckConstraint(
                condition=Q(type=ListType.MULTI_USE) ^ Q(named_code__isnull=True),
                name="list_named_code",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], name="list_archived", condition=~Q(archived_at=None)
            ),
        ]

    def status(self, now: datetime) -> ListStatus:
        counter = self.counter
        return status_at(self.starts_at, self.ends_at, counter.entry_cap, counter.claims, now)

    @property
    def type_label(self) -> str:
        return ListType(self.type).label


class ListOffer(models.Model):
    """One of the offers that a list issues. `place` keeps the order that was chosen."""

    list = models.ForeignKey(PromoList, models.CASCADE)
    offer = models.ForeignKey(Offer, models.PROTECT)
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "offer"], name="list_offer_once")]


class ListCounter(models.Model):
    """The counters of a list, in a row that every claim, cancellation and edit of the list locks.

    The entry cap is in the same row, so that a constraint holds it whatever the code does.
    """

    list = models.OneToOneField(PromoList, models.CASCADE, primary_key=True, related_name="counter")
    claims = models.BigIntegerField(default=0)
    codes = models.BigIntegerField(default=0)  # of active batches; 1 for multi use
    cancelled = models.BigIntegerField(default=0)  # of active batches
    # Codes that were handed out and are claimed or cancelled: these two overlap.
    handed_out_gone = models.BigIntegerField(default=0, db_default=0)
    entry_cap = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry_cap__isnull=True) | Q(claims__lte=F("entry_cap")),
                name="claims_within_cap",
            ),
            models.CheckConstraint(
                condition=Q(claims__gte=0, codes__gte=0, cancelled__gte=0), name="counts_positive"
            ),
            models.CheckConstraint(
                condition=Q(handed_out_gone__gte=0), name="handed_out_gone_positive"
            ),
        ]

    @property
    def available(self) -> int:
        """Codes that are neither claimed nor cancelled."""
        return self.codes - self.claims - self.cancelled


class ClaimHour(models.Model):
    """How many claims a list had in one UTC hour. Charts are drawn from this."""

    pk = models.CompositePrimaryKey("list_id", "hour")
    list = models.ForeignKey(PromoList, models.CASCADE, db_index=False)
    hour = models.DateTimeField()
    claims = models.BigIntegerField()
