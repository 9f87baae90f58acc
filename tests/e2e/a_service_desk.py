"""Codes in each state, a customer with a history, a customer who is locked out, and a team, for
the pages of agents and administrators."""

from dataclasses import dataclass

from django.urls import reverse

from promint.accounts import keys, staff
from promint.accounts.models import Staff
from promint.accounts.roles import Role, Scope
from promint.core import codes, exports
from promint.core.claiming import callers
from promint.core.events import endpoints
from promint.core.lists import offers
from promint.core.models import Claim, Delivery, Export
from promint.core.rules import Event
from promint.core.rules.rules import BatchStatus, ListType
from promint.core.storage.clock import database_now
from promint.dashboard.codes import address
from tests.factories import ACTOR, a_batch, a_list, a_member, an_offer, claim, shown_codes

REGULAR, GUESSER = "cust/42", "cust-66"


@dataclass(frozen=True)
class Desk:
    available: str
    claimed: str
    cancelled: str
    shared: str
    member: Staff
    key_id: str
    webhook_id: str
    offer_id: str

    @property
    def addresses(self) -> list[str]:
        """The URLs of every page for agents and administrators, in each state."""
        return [
            "/codes",
            *(
                address.page_of(code)
                for code in (
                    self.available,
                    self.claimed,
                    self.cancelled,
                    self.shared,
                    "NOSUCHCODE",
                )
            ),
            address.cancelling(self.available),
            address.claiming(self.available),
            "/customers?customer=c",
            "/customers?customer=nobody",
            "/customers",
            reverse("customer", args=[REGULAR]),
            reverse("customer", args=[GUESSER]),
            reverse("customer", args=["nobody"]),
            reverse("customer_points", args=[REGULAR]),
            reverse("customer_claims", args=[REGULAR]),
            reverse("customer_refusals", args=[REGULAR]),
            reverse("claim_for_customer", args=[REGULAR]),
            reverse("give_to_customer", args=[REGULAR]),
            f"/claims/{Claim.objects.filter(customer=REGULAR)[0].id}/reverse",
            "/webhooks",
            "/webhooks/new",
            "/offers",
            "/offers?search=nothing+is+called+so",
            "/offers/new",
            f"/offers/{self.offer_id}",
            f"/offers/{self.offer_id}/edit",
            f"/offers/{self.offer_id}/retire",
            "/team",
            "/team/invite",
            f"/team/{self.member.id}/role",
            f"/team/{self.member.id}/deactivate",
            "/keys",
            "/keys/new",
            f"/keys/{self.key_id}/revoke",
            "/webhooks",
            "/webhooks/new",
            f"/webhooks/{self.webhook_id}",
            f"/webhooks/{self.webhook_id}/edit",
            f"/webhooks/{self.webhook_id}/secret",
            f"/webhooks/{self.webhook_id}/delete",
            "/audit",
            "/audit?who=nobody",
            "/profile",
            "/profile/two-factor",
            "/profile/passkeys",
        ]


SIGNED_OUT = ["/login", "/forgotten-password"]


def make() -> Desk:
    offer = an_offer("Free delivery, one order", "Expires 30 days after it is issued")
    offers.create("Double espresso on the house", "", ACTOR)
    single = a_list(
        name="Service recovery", offers=[offer.public_id], tags=["service"], code_prefix="SR"
    )
    batch = a_batch(single, 30, name="Printed cards")
    export = exports.request_batch(batch.public_id, "csv", ACTOR)
    Export.objects.filter(id=export.id).update(status=BatchStatus.ACTIVE)
    available, cancelled, *made = shown_codes(batch)
    codes.cancel(cancelled, "Lost in the post", ACTOR)
    a_list(ListType.MULTI_USE, name="Spring film", code="AutumnSale", entry_cap=40, points=5000)
    for code in [*made[:12], "AutumnSale", "AutumnSale"]:
        claim(code, REGULAR)
    claim(made[0], GUESSER)
    for i in range(10):
        claim(f"NOSUCHCODE{i}", GUESSER)
    return Desk(
        available=available,
        claimed=made[0],
        cancelled=cancelled,
        shared="AutumnSale",
        member=_a_team(),
        key_id=_some_keys(),
        webhook_id=_an_endpoint(),
        offer_id=offer.public_id,
    )


def _a_team() -> Staff:
    """A person who can be given another role."""
    staff.invite("soon@example.com", Role.MANAGER, "Ines", ACTOR)
    gone = a_member(Role.AGENT)
    a_member(Role.ADMIN)
    staff.deactivate(gone.id, ACTOR)
    return a_member(Role.VIEWER)


def _some_keys() -> str:
    """A key that guesses codes, by its public id, and a revoked key."""
    guessing, _ = keys.create("Station kiosk", [Scope.CLAIM], ACTOR)
    callers.count([(guessing.public_id, True)] * callers.SUSPICIOUS_ATTEMPTS, database_now())
    revoked, _ = keys.create("Web shop", list(Scope), ACTOR)
    keys.revoke(revoked.public_id, ACTOR)
    return guessing.public_id


def _an_endpoint() -> str:
    """An endpoint with one delivery that arrived, one that did not, and one that waits."""
    webhook, _ = endpoints.create(
        "https://shop.example/a-long-address/of-what-takes/promint-events", list(Event), ACTOR
    )
    answers = [("delivered", 204, None), ("failed", 503, "The receiver answered 503.")]
    for status, answered, error in answers:
        sent = endpoints.send_test(webhook.public_id, ACTOR)
        Delivery.objects.filter(id=sent.id).update(
            status=status, answer_status=answered, answer="Down", error=error, attempts=1
        )
    endpoints.send_test(webhook.public_id, ACTOR)
    return webhook.public_id
