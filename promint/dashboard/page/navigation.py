"""The side bar: its entries, and who sees them."""

from dataclasses import dataclass

from promint.accounts.roles import Permission


@dataclass(frozen=True)
class Entry:
    route: str  # a name in dashboard.urls
    label: str
    icon: str
    permission: Permission


WORK = [
    Entry("lists", "Lists", "ticket", Permission.READ),
    Entry("codes", "Administer codes", "check-code", Permission.READ),
    Entry("customers", "Customers", "person", Permission.READ),
    Entry("offers", "Offers", "gift", Permission.READ),
]
ADMINISTRATION = [
    Entry("team", "Team", "people", Permission.ADMINISTER),
    Entry("keys", "API keys", "key", Permission.ADMINISTER),
    Entry("webhooks", "Webhooks", "bell", Permission.ADMINISTER),
    Entry("audit", "Audit log", "log", Permission.ADMINISTER),
]
