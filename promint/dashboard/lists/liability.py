"""How much a list can cost, worked out for people who set points and a cap. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Liability:
    """`cap` is None when there is none, or when it is not typed yet (`capped` tells)."""

    points: int  # for each claim; 0: none
    capped: bool
    cap: int | None
    offers: tuple[str, ...] = ()

    @property
    def most_points(self) -> int | None:
        return None if self.cap is None else self.points * self.cap
