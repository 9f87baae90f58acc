"""How much a list can cost, for people who set points and a cap. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Liability:
    """What a list can cost. `cap` is None if there is none, or if it is not typed yet (see
    `capped`).

    A number that cannot be read is never taken for zero: `unreadable` says which one and why, and
    there is no sum.
    """

    points: int  # for each claim; 0: none
    capped: bool
    cap: int | None
    offers: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()  # sentences

    @property
    def most_points(self) -> int | None:
        return None if self.cap is None or self.unreadable else self.points * self.cap

    @property
    def in_offers_alone(self) -> bool:
        """Whether a claim costs offers and no points."""
        return bool(self.offers) and not self.points and not self.unreadable


def unreadable(**why: str) -> tuple[str, ...]:
    """The sentences about numbers that cannot be read. `why`: for each number's name, what is
    wrong with it; empty if nothing is."""
    return tuple(f"The {name} cannot be read. {said}" for name, said in why.items() if said)
