"""Lists of every type and status, with claims, cancelled codes and batches, for the pages about
lists."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from promint.core import codes, uploads
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.codes import batches, cancellations
from promint.core.models import BulkHandout, Cancellation, PromoList
from promint.core.rules.rules import ListType
from promint.core.storage.clock import database_now
from promint.dashboard.batches import upload
from promint.dashboard.cancellations import choose
from promint.worker.cancellations import Cancellations
from tests.bulk import in_bulk
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    an_offer,
    claim,
    shown_codes,
    third_party_codes,
)
from tests.uploaded_files import xlsx

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Company:
    single: PromoList
    multi: PromoList
    third: PromoList
    ended: PromoList
    pending: PromoList
    bulk: BulkHandout
    cancelled: Cancellation
    waiting: Cancellation

    @property
    def addresses(self) -> list[str]:
        """The URLs of every page about lists, in each of its states."""
        single = f"/lists/{self.single.public_id}"
        return [
            "/",
            "/?search=nothing+is+called+so",
            "/?outcome=offers&since=2020-01-01",
            "/?archived=1",
            "/lists/new",
            single,
            f"{single}?chart=total",
            f"{single}/edit",
            f"{single}/end",
            f"{single}/delete",
            f"{single}/copy",
            f"{single}/print",
            f"{single}/generate",
            f"{single}/claims",
            f"{single}/codes",
            f"{single}/codes?status=cancelled",
            f"{single}/handouts",
            f"{single}/handouts?recipient=guest",
            f"{single}/handouts?recipient=nobody",
            f"{single}/handouts/bulk",
            self._check(b"Guest;E-mail\nAnna Berg;a@b.de\nBruno Tal;b@b.de\n"),
            self._check(b"Anna Berg;a@b.de\nBruno Tal;b@b.de\n"),
            f"/bulk-handouts/{self.bulk.public_id}",
            "/cancellations",
            "/cancellations/new",
            self._leaked(b"Guest;E-mail\nAnna Berg;a@b.de\nBruno Tal;b@b.de\n"),
            self._leaked(b"NOSUCHCODE1\n"),
            f"/cancellations/new?list={self.single.public_id}",
            f"/cancellations/{self.cancelled.public_id}",
            f"/cancellations/{self.cancelled.public_id}/undo",
            f"/cancellations/{self.waiting.public_id}",
            f"/lists/{self.multi.public_id}",
            f"/lists/{self.multi.public_id}/edit",
            f"/lists/{self.third.public_id}",
            self._look_at("codes.csv", b"Anna Berg;NW-1A;10\nBruno Tal;NW-2B;20\n"),
            self._look_at("codes.csv", b"Name;Code\nAnna Berg;NW-1A\nBruno Tal;A!\nx;Total\n"),
            self._look_at("codes.xlsx", xlsx([["NW-1A"]], [["NW-2B"]])),
            f"/lists/{self.ended.public_id}",
            f"/lists/{self.pending.public_id}",
        ]

    def _leaked(self, content: bytes) -> str:
        return choose.address_of(uploads.stage("leaked.csv", [content]))

    def _check(self, content: bytes) -> str:
        token = upload.token_of(self.single, uploads.stage("guests.csv", [content]))
        return reverse("check_recipients", args=[self.single.public_id, token])

    def _look_at(self, name: str, content: bytes) -> str:
        return upload.address_of(self.third, uploads.stage(name, [content]))


def cancel_in_bulk(promo_list: PromoList, typed: list[str]) -> Cancellation:
    """Done by a worker of its own."""
    asked = cancellations.request(f"Leaked with {promo_list.name}", ACTOR, typed=typed)
    assert Cancellations().turn()
    return cancellations.find(asked.public_id)


def make() -> Company:
    offer = an_offer("Free delivery, one order", "Expires 30 days after it is issued")
    single = a_list(
        name="Service recovery",
        offers=[offer.public_id],
        tags=["service", "vip"],
        entry_cap=20,
        code_prefix="SR",
        starts_in=-6 * DAY,
        timezone="America/New_York",
    )
    made = shown_codes(a_batch(single, 40, name="Printed cards", notify=["ops@example.com"]))
    for i, code in enumerate(made[:12]):
        claim(code, f"cust-{i}")
    codes.cancel(made[20], "lost", ACTOR)
    bulk = in_bulk(single, ["guest-1", "guest-2", "guest-1", f"guest-{'3' * 240}"])
    cancelled = cancel_in_bulk(single, typed=[*made[30:35], "NOSUCHCODE"])
    waiting = cancellations.request("On a forum", ACTOR, list_id=single.public_id)
    Cancellation.objects.filter(id=waiting.id).update(status="waiting")
    a_pending_batch(single, 5000)
    batches.fail(a_pending_batch(single, 30, name="Second print"), "The disk is full")
    multi = a_list(
        ListType.MULTI_USE, name="Spring film", code="SpringSale", entry_cap=40, starts_in=-6 * DAY
    )
    now = database_now()
    for ago in range(5):
        attempts = [Attempt("springsale", f"c{ago}-{i}", "key_x") for i in range(3 + ago)]
        claim_many(attempts, clock=lambda ago=ago: now - ago * DAY)  # type: ignore[misc]
    third = a_list(ListType.THIRD_PARTY, name="Partner miles", points=None, tags=["partner"])
    third_party_codes(third, ["NW-100", "NW-200", "NW-300"])
    return Company(
        single=single,
        multi=multi,
        third=third,
        ended=a_list(name="Stadium night", starts_in=-9 * DAY, ends_in=-DAY, entry_cap=50),
        bulk=bulk,
        cancelled=cancelled,
        waiting=waiting,
        pending=a_list(ListType.MULTI_USE, name="New year", starts_in=9 * DAY),
    )
