"""What the model knows of: lists, codes, claims. It shares no code with the product."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(eq=False)
class Offer:
    id: str
    name: str
    retired: bool = False


@dataclass(eq=False)
class PromoList:
    id: str
    type: str
    starts_at: datetime
    ends_at: datetime
    cap: int | None
    points: int
    offers: list[Offer]
    tags: list[str]
    bound: bool = False
    per_recipient: int = 1
    valid_days: int | None = None
    agents_per_day: int | None = None
    archived: bool = False
    handed_out: list["Handout"] = field(default_factory=list)
    claims: list["Claim"] = field(default_factory=list)
    told_end: datetime | None = None

    @property
    def shared(self) -> bool:
        return self.type == "multi_use"

    @property
    def places_taken(self) -> int:
        return sum(claim.takes_its_code for claim in self.claims)

    @property
    def full(self) -> bool:
        return self.cap is not None and self.places_taken >= self.cap

    def status(self, now: datetime) -> str:
        if now >= self.ends_at or self.full:
            return "completed"
        return "pending" if now < self.starts_at else "active"

    def limits_reached(self) -> set[str]:
        if self.cap is None:
            return set()
        near = {"list.cap_near"} if self.places_taken * 10 >= self.cap * 8 else set()
        return near | ({"list.cap_reached"} if self.full else set())


@dataclass(eq=False)
class Batch:
    id: str
    of: PromoList
    quantity: int
    status: str = "pending"
    active_since: datetime | None = None


@dataclass(eq=False)
class Code:
    shown: str
    of: PromoList
    batch: Batch | None = None
    cancelled_alone: bool = False
    cancelled_by: set["Cancellation"] = field(default_factory=set)
    handout: "Handout | None" = None
    claims: list["Claim"] = field(default_factory=list)

    @property
    def cancelled(self) -> bool:
        return self.cancelled_alone or bool(self.cancelled_by)

    @property
    def active(self) -> bool:
        return self.batch is None or self.batch.status == "active"

    @property
    def taken(self) -> bool:
        return not self.of.shared and any(claim.takes_its_code for claim in self.claims)

    @property
    def free(self) -> bool:
        """Whether it can be handed out."""
        return self.active and not self.cancelled and self.handout is None and not self.taken

    @property
    def ends_at(self) -> datetime:
        days, given = self.of.valid_days, self.handout
        if days is None or given is None:
            return self.of.ends_at
        return min(self.of.ends_at, given.at + days * DAY)

    @property
    def status(self) -> str:
        return "cancelled" if self.cancelled else "claimed" if self.taken else "available"

    def is_hidden_from(self, who: str) -> bool:
        return self.of.bound and self.handout is not None and self.handout.recipient != who


@dataclass(eq=False)
class Claim:
    code: Code
    customer: str
    at: datetime
    offers: list[str]  # the names that they had then
    id: str = ""
    reversed: str | None = None  # or stays_used, available_again

    @property
    def takes_its_code(self) -> bool:
        return self.reversed != "available_again"


@dataclass(eq=False)
class Handout:
    code: Code
    recipient: str
    at: datetime


@dataclass(eq=False)
class Cancellation:
    id: str
    of: PromoList | None
    batch: Batch | None
    named: list[Code]
    handed_out: bool | None
    at: datetime
    state: str = "asked"  # done, undo asked, undone

    def means(self, code: Code) -> bool:
        if self.of is None:
            return code in self.named
        batch = code.batch
        return (
            code.of is self.of
            and batch is not None
            and (self.batch is None or batch is self.batch)
            and batch.active_since is not None
            and batch.active_since <= self.at
        )


@dataclass
class Guesses:
    at: list[datetime] = field(default_factory=list)
    locked_until: datetime | None = None
    lockouts: int = 0


@dataclass(frozen=True)
class Attempt:
    typed: str
    code: Code | None  # that is meant
    who: str
    only_validate: bool = False
    key: str | None = None
    caller: str = "key_1"

    @property
    def sent(self) -> tuple[str, str, bool]:
        return self.typed, self.who, self.only_validate


@dataclass(eq=False)
class Answer:
    """`claim`: that was made, or that the customer had made before."""

    status: int
    error: str | None = None
    claim: Claim | None = None
    replayed: bool = False
    retry_after: timedelta | None = None


@dataclass
class Kept:
    sent: tuple[str, str, bool]
    answer: Answer
    at: datetime
