"""Claims together with their reversals: which claims were taken back, and which still hold their
code."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from promint.core.models import Claim, Reversal


def with_reversals(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """The claims, each with `reversed_at`."""
    reversed_at = Subquery(_own().values("reversed_at"))
    return claims.annotate(reversed_at=reversed_at)  # type: ignore[no-redef]


def standing(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """The claims that were not taken back."""
    return claims.exclude(Exists(_own()))


def taking(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """The claims whose code was not made available again. A single use code has at most one."""
    return with_reversals(claims).exclude(Exists(_own().filter(available_again=True)))


def _own() -> QuerySet[Reversal]:
    return Reversal.objects.filter(
        code=OuterRef("code_id"), customer=OuterRef("customer"), round=OuterRef("round")
    )
