"""The lists of the demo, of an invented coffee chain. Times are days from today. A list runs
from the morning of its first day to the evening of its last."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from promint.core.rules import HandoutRules, ListType

ZONE = ZoneInfo("Europe/Copenhagen")
SINGLE, MULTI, THIRD = ListType.SINGLE_USE, ListType.MULTI_USE, ListType.THIRD_PARTY

OFFERS = {
    "Free filter coffee": "Any size, in any shop, once.",
    "Free pastry": "With a drink, while the tray lasts.",
    "Free delivery": "On the next order by bike.",
    "Workshop seat": "One seat at a Saturday barista workshop.",
    "Tram day ticket": "Shown to the conductor on the phone.",
    "Two for one at the cinema": "Monday to Thursday, at the box office.",
    "First hour by bike": "Unlocks any bike of the yellow fleet.",
}


@dataclass(frozen=True)
class Run:
    """A batch: of generated codes, or a supplier's file. `day` counts from the list's start."""

    name: str
    codes: int
    day: int = -3


@dataclass(frozen=True)
class Campaign:
    name: str
    type: ListType
    starts: int
    ends: int
    a_day: float = 0  # claims on an ordinary day
    cap: int | None = None
    points: int | None = None
    offers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    code: str | None = None
    prefix: str | None = None
    runs: tuple[Run, ...] = ()
    handout: HandoutRules | None = None


CAMPAIGNS = (
    Campaign(
        "Paper to porcelain",
        SINGLE,
        *(-40, 19),
        a_day=110,
        cap=10_000,
        points=100,
        offers=("Free pastry",),
        prefix="CUP",
        runs=(Run("All shops", 50_000),),
    ),
    Campaign(
        "Service recovery",
        SINGLE,
        *(-56, 61),
        a_day=18,
        points=750,
        prefix="SORRY",
        runs=(Run("Support desk", 2_000), Run("Support desk, second sheet", 3_000, 31)),
        handout=HandoutRules(agents_per_day=20),
    ),
    Campaign(
        "Birthday coffees",
        SINGLE,
        *(-4, 56),
        offers=("Free filter coffee",),
        tags=("birthday",),
        prefix="BDAY",
        runs=(Run("This quarter", 3_000),),
        handout=HandoutRules(bound=True, valid_days=21),
    ),
    Campaign(
        "Receipt survey",
        SINGLE,
        *(-45, 14),
        a_day=45,
        points=50,
        tags=("survey",),
        runs=(Run("Till rolls", 8_000),),
    ),
    Campaign(
        "Delivery bag inserts",
        SINGLE,
        *(-14, 39),
        a_day=60,
        cap=250_000,
        offers=("Free delivery",),
        tags=("delivery",),
        prefix="BAG",
        runs=(Run("First print", 6_000),),
    ),
    Campaign(
        "Parents' mornings",
        SINGLE,
        *(-10, 49),
        a_day=8,
        points=60,
        tags=("parents", "mornings"),
        runs=(Run("", 500),),
    ),
    Campaign(
        "Barista workshops",
        SINGLE,
        *(-21, 20),
        a_day=4,
        cap=120,
        offers=("Workshop seat",),
        runs=(Run("Saturdays", 200),),
    ),
    Campaign(
        "Night shift breakfast",
        SINGLE,
        *(-6, 24),
        a_day=12,
        points=120,
        offers=("Free filter coffee",),
        tags=("night-shift",),
        runs=(Run("Fire stations", 1_000),),
    ),
    Campaign(
        "Loyalty card switch",
        SINGLE,
        *(-30, 9),
        a_day=60,
        cap=600,
        points=300,
        runs=(Run("Mailing", 1_500),),
    ),
    Campaign("Rainy day refund", SINGLE, *(-50, -23), a_day=24, points=200, runs=(Run("", 2_500),)),
    Campaign(
        "Stadium night",
        SINGLE,
        *(-33, -32),
        a_day=260,
        points=250,
        tags=("stadium",),
        prefix="GOAL",
        runs=(Run("Gate A", 2_000), Run("Gate B", 2_000)),
    ),
    Campaign(
        "App outage apology",
        SINGLE,
        *(-17, -4),
        a_day=80,
        points=500,
        runs=(Run("Everyone who ordered", 5_000),),
    ),
    Campaign(
        "Moving house mailer",
        SINGLE,
        *(9, 39),
        cap=15_000,
        points=150,
        offers=("Free filter coffee",),
        runs=(Run("Postal district 1", 6_000, -12), Run("Postal district 2", 6_000, -11)),
    ),
    Campaign("Second cup on us", SINGLE, *(3, 16), cap=40_000, offers=("Free filter coffee",)),
    Campaign(
        "Podcast sponsorship", MULTI, *(-36, 23), a_day=55, cap=5_000, points=75, code="SlowPour"
    ),
    Campaign(
        "Refill Fridays", MULTI, *(-49, 29), a_day=30, points=30, tags=("refill",), code="Refill me"
    ),
    Campaign(
        "Radio breakfast show", MULTI, *(-5, 9), a_day=165, cap=1_000, points=80, code="WakeUpCall"
    ),
    Campaign(
        "Friends of the staff",
        MULTI,
        *(-8, 79),
        a_day=6,
        cap=300,
        offers=("Free pastry",),
        code="Family-Table",
    ),
    Campaign(
        "Opening week, Mill Lane",
        MULTI,
        *(-28, -22),
        a_day=170,
        cap=800,
        offers=("Free filter coffee",),
        tags=("mill-lane",),
        code="MILL LANE",
    ),
    Campaign(
        "Double espresso day", MULTI, *(-12, -12), a_day=900, cap=400, points=40, code="DOPPIO"
    ),
    Campaign(
        "Oat milk launch", MULTI, *(-26, -20), a_day=75, points=40, tags=("oat",), code="OatWeek"
    ),
    Campaign(
        "Cinnamon season preview", MULTI, *(14, 44), cap=25_000, points=200, code="Cinnamon.First"
    ),
    Campaign(
        "Tramline day tickets",
        THIRD,
        *(-25, 34),
        a_day=38,
        cap=5_000,
        offers=("Tram day ticket",),
        runs=(Run("First delivery", 6_000),),
    ),
    Campaign(
        "Northbank cinema evenings",
        THIRD,
        *(-15, 14),
        a_day=22,
        offers=("Two for one at the cinema",),
        tags=("cinema",),
        runs=(Run("Weekdays", 2_400), Run("Weekends", 600, 8)),
    ),
    Campaign(
        "Yellow bike share",
        THIRD,
        *(-38, 4),
        a_day=40,
        cap=350,
        offers=("First hour by bike",),
        runs=(Run("", 900),),
    ),
    Campaign(
        "Museum lates",
        THIRD,
        *(6, 65),
        points=90,
        tags=("museum",),
        runs=(Run("Night pass", 1_500, -8),),
    ),
    Campaign("Bookshop tokens", THIRD, *(21, 59), cap=2_000, points=120),
)
