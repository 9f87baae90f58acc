"""Ways in which what endpoints are told can be broken."""

from datetime import timedelta

from promint.core import doctor
from promint.core.claiming import Attempt, claim_many
from promint.core.events import endpoints
from promint.core.models import Delivery
from promint.core.storage import database_now
from tests.factories import ACTOR
from tests.integration.doctor.breakages import Story, breaks, execute


def tell(story: Story) -> None:
    """A claim of later, to an endpoint that has listened for a while then."""
    endpoints.create("https://shop.example/hooks", ["claim.created"], ACTOR)
    later = database_now() + timedelta(minutes=5)
    claim_many([Attempt(story.free, "cust-9", "key_1")], clock=lambda: later)
    assert Delivery.objects.count() == 1
    assert all(finding.holds for finding in doctor.check())


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
