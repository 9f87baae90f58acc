"""One customer: what was issued, tried and claimed."""

from promint.dashboard.customers.address import SealedCustomer

__all__ = ["SealedCustomer", "claim", "give", "history", "profile", "reverse"]
