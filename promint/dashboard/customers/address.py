"""The addresses of a customer's pages. An id is whatever a shop sends ("../team/3/deactivate"), and
a browser resolves what it finds in an address: so the id in it is sealed."""

from promint.core.rules import checks
from promint.core.storage import sealed

_PURPOSE = "promint.dashboard.customers"


class SealedCustomer:
    """Django's converter of `<customer:…>` in a route: the id inside, another text outside."""

    regex = "[A-Za-z0-9_-]+"

    def to_python(self, text: str) -> str:
        customer = sealed.unseal(_PURPOSE, text + "=" * (-len(text) % 4))
        if customer is None or checks.customer(customer):
            raise ValueError("not from here")
        return customer

    def to_url(self, customer: str) -> str:
        return sealed.seal(_PURPOSE, customer).rstrip("=")  # browsers and proxies escape these
