"""Tables of webhooks: the endpoints, and each delivery of an event to one of them."""

from django.db import models

from promint.core.rules import ids, limits
from promint.core.storage import Identified


class Webhook(Identified):
    """A URL of another program that wants events. Only active and paused ones are told of
    events."""

    PREFIX = "whk"
    STATES = ("active", "paused", "disabled", "deleted")

    url = models.CharField(max_length=limits.WEBHOOK_URL_CHARACTERS)
    events = models.JSONField()  # names, in the order of Event
    sealed_secret = models.TextField()  # encrypted by storage.sealed
    sealed_old_secret = models.TextField(default="", db_default="")  # the one before, if any
    old_secret_until = models.DateTimeField(null=True)  # it signs deliveries, too, until then
    status = models.CharField(max_length=8, choices=[(s, s) for s in STATES], default="active")
    created_by = models.CharField(max_length=300)
    listening_since = models.DateTimeField()  # since when it was told of these events without a gap

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=("active", "paused", "disabled", "deleted")),
                name="webhook_status",
            )
        ]


class Delivery(models.Model):
    """An event for one endpoint: written in the transaction that makes the event true, sent by a
    worker, kept for DELIVERIES_KEPT.

    Numbered in the order of writing. A transaction that writes one about a list has locked the
    list's counter, so for one list the numbers are in the order of commit. There are no foreign key
    constraints, so that claims never wait for a change to an endpoint.
    """

    PREFIX = "dlv"

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(
        Webhook, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    list_id = models.BigIntegerField()  # or rules.webhooks.OF_NO_LIST, OF_KEYS
    event = models.CharField(max_length=30)
    event_id = models.CharField(max_length=40)  # the same for all endpoints and all tries
    created_at = models.DateTimeField()
    body = models.TextField()  # as it is sent, byte for byte
    status = models.CharField(max_length=9, default="pending", db_default="pending")
    due_at = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0, db_default=0)  # grows when a worker takes it
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    answer_status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(default="", db_default="")  # the beginning of what was answered
    error = models.CharField(max_length=500, null=True)  # why the last try failed
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=("pending", "delivered", "failed")),
                name="delivery_status",
            )
        ]
        indexes = [
            models.Index(
                fields=["webhook", "list_id", "id"],
                name="delivery_waiting",
                condition=models.Q(status="pending"),
            ),
            models.Index(fields=["webhook", "id"], name="delivery_by_webhook"),
        ]

    @property
    def public_id(self) -> str:
        return ids.public(self.PREFIX, self.id)
