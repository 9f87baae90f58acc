"""The people who work at the coffee chain, and the programs that claim for its customers."""

from datetime import datetime, timedelta

from promint.accounts import keys, staff
from promint.accounts.models import Staff
from promint.accounts.roles import Role, Scope
from promint.core.lists import offers
from promint.core.models import Offer
from promint.demo.campaigns import OFFERS, ZONE
from promint.demo.past import Past

DEMO = "demo@promint.example"
PASSWORD = "coffee-for-everyone"  # noqa: S105 - it is meant to be known
PEOPLE = {
    DEMO: ("Robin Hale", Role.ADMIN),
    "manager@promint.example": ("Mira Okafor", Role.MANAGER),
    "agent@promint.example": ("Jonas Pelt", Role.AGENT),
    "viewer@promint.example": ("Tess Varga", Role.VIEWER),
}
ADMIN, MANAGER, AGENT, _ = (f"staff:{email}" for email in PEOPLE)
INVITED = "support@promint.example"  # has not chosen a password yet
MAY = {
    Role.ADMIN: "may do everything",
    Role.MANAGER: "creates lists and codes, exports codes, and does all that an agent does",
    Role.AGENT: "serves customers: finds, cancels and claims codes",
    Role.VIEWER: "looks, and changes nothing",
}
HIRED, FIRST_OFFER = -70, -64  # days from today


def sign_ins() -> str:
    """The text for a newcomer: which accounts there are, and what each may do."""
    rest = list(PEOPLE.items())[1:]
    lines = [f"  {email:<25} {role}, {MAY[role]}" for email, (_, role) in rest]
    first = f"Sign in as {DEMO} with the password {PASSWORD} ({MAY[Role.ADMIN]}),"
    return "\n".join([first, "or with the same password as one of these:", *lines])


def hire(past: Past) -> None:
    for place, (email, (name, role)) in enumerate(PEOPLE.items()):
        staff.create(email, role, PASSWORD, "console" if email == DEMO else ADMIN, name)
        _date(email, past.day(HIRED + place, 10, 4 + 13 * place), past)
    staff.invite(INVITED, Role.AGENT, "Ana Brandt", ADMIN)
    _date(INVITED, past.day(-1, 16, 20), past)


def _date(email: str, at: datetime, past: Past) -> None:
    Staff.objects.filter(email=email).update(created_at=at, time_zone=ZONE.key)
    past.move_entries(email, at)


def issue_keys(past: Past) -> str:
    """Make three keys that nobody holds. Returns the public id of the tills' key, which claims."""
    till, _ = keys.create("Tills", [Scope.CLAIM], ADMIN)
    shop, _ = keys.create("Web shop", [Scope.CLAIM, Scope.MANAGE], ADMIN)
    kiosk, _ = keys.create("Station kiosk", [Scope.CLAIM], ADMIN)
    for place, key in enumerate((till, shop, kiosk)):
        used = past.day(-20, 17, 4) if key is kiosk else past.now - timedelta(minutes=3 + place)
        past.move(key, past.day(HIRED + 5, 15, 10 + place), last_used_at=used)
    keys.revoke(kiosk.public_id, ADMIN)
    revoked = past.day(-20, 17, 35)
    past.move_entries(kiosk.public_id, revoked)
    type(kiosk).objects.filter(id=kiosk.id).update(revoked_at=revoked)
    return till.public_id


def make_offers(past: Past) -> dict[str, Offer]:
    made = {name: offers.create(name, words, MANAGER) for name, words in OFFERS.items()}
    for place, offer in enumerate(made.values()):
        past.move(offer, past.day(FIRST_OFFER, 11, 3 * place))
    return made
