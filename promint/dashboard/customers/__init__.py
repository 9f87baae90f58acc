"""One customer: what was issued, claimed and refused."""

from promint.dashboard.customers.address import SealedCustomer

__all__ = ["SealedCustomer", "claim", "give", "history", "profile", "reverse"]
