"""What points are worth in money."""

from django.conf import settings

from promint.dashboard.page import formats


def worth(points: int | None) -> str:
    """The worth in money; empty if the value of a point is not set."""
    value = settings.POINT_VALUE
    if value is None or points is None:
        return ""
    return formats.money(points * value.amount, value.currency)


def in_points_and_money(points: int) -> str:
    """Like "10,000 points, worth $100.00"."""
    money = worth(points)
    return formats.counted(points, "point") + (f", worth {money}" if money else "")
