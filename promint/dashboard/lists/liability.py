"""How much a list can cost, worked out for people who set points and a cap. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Liability:
    """`cap` is None when there is none, or when it is not typed yet (`capped` tells).

    A number that cannot be read is never taken for zero: then `unreadable` says which and why, and
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
    """`why`: by the name of a number, what is wrong with it; empty when nothing is."""
    return tuple(f"The {name} cannot be read. {said}" for name, said in why.items() if said)
