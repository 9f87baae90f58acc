"""Claims beside their reversals: which were taken back, and which still take their code."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from promint.core.models import Claim, Reversal


def with_reversals(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Each with `reversed_at`."""
    reversed_at = Subquery(_own().values("reversed_at"))
    return claims.annotate(reversed_at=reversed_at)  # type: ignore[no-redef]


def standing(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Those that were not taken back."""
    return claims.exclude(Exists(_own()))


def taking(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Those whose code was not made available again: at most one of a single use code."""
    return with_reversals(claims).exclude(Exists(_own().filter(available_again=True)))


def _own() -> QuerySet[Reversal]:
    return Reversal.objects.filter(
        code=OuterRef("code_id"), customer=OuterRef("customer"), round=OuterRef("round")
    )
