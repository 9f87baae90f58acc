"""Ways to break the events that endpoints are told of."""

from datetime import timedelta

from promint.core import codes, doctor
from promint.core.claiming import Attempt, claim_many, reversal
from promint.core.codes import handouts
from promint.core.events import endpoints
from promint.core.models import Claim, Delivery, Webhook
from promint.core.rules import Event, HandoutRules
from promint.core.storage import database_now
from tests.factories import ACTOR, a_list, a_pending_batch, generate
from tests.integration.doctor.breakages import Story, breaks, execute


def tell(story: Story) -> None:
    """Makes a later claim and tells an endpoint of it, which has listened for a while by then."""
    endpoints.create("https://shop.example/hooks", ["claim.created"], ACTOR)
    later = database_now() + timedelta(minutes=5)
    claim_many([Attempt(story.free, "cust-9", "key_1")], clock=lambda: later)
    assert Delivery.objects.count() == 1
    assert all(finding.holds for finding in doctor.check())


def tell_all(story: Story) -> None:
    """Makes an event of each kind and tells an endpoint of it, which wants everything from now
    on."""
    endpoints.create("https://shop.example/hooks", list(Event), ACTOR)
    Webhook.objects.update(listening_since=database_now() - timedelta(minutes=1))
    codes.cancel(story.free, "lost", ACTOR)
    reversal.reverse(
        Claim.objects.get(code=story.claimed).id, "returned", ACTOR, available_again=False
    )
    promo_list = a_list(handout=HandoutRules(bound=False))
    generate(a_pending_batch(promo_list, 2))
    handouts.hand_out(promo_list.public_id, "cust-7", ACTOR)
    assert all(finding.holds for finding in doctor.check())


def _untold(event: str) -> None:
    def leave_out(story: Story) -> None:
        tell_all(story)
        execute("DELETE FROM core_delivery WHERE event = %s", event)

    leave_out.__name__ = f"nobody_is_told_of_{event}"
    breaks(13)(leave_out)


for _event in (
    "claim.reversed",
    "code.cancelled",
    "code.handed_out",
    "batch.active",
    "list.created",
):
    _untold(_event)


@breaks(13)
def a_claim_is_not_told(story: Story) -> None:
    tell(story)
    execute("DELETE FROM core_delivery")


@breaks(13)
def a_claim_is_told_twice(story: Story) -> None:
    tell(story)
    told = Delivery.objects.get()
    told.pk, told.event_id = None, "msg_another"
    told.save()


@breaks(13)
def a_body_is_another_when_it_is_sent_again(story: Story) -> None:
    tell(story)
    told = Delivery.objects.get()
    told.pk, told.body = None, told.body.replace(" ", "") + " "
    told.save()


@breaks(13)
def a_claim_is_told_that_is_another_customers(story: Story) -> None:
    tell(story)
    told = Delivery.objects.get()
    Delivery.objects.update(body=told.body.replace("cust-9", "cust-8"))
