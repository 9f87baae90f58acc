"""The URLs of a customer's pages. The id in them is encrypted, because an id can be any text
("../team/3/deactivate"), and a browser would resolve it as part of a path."""

from promint.core.rules import checks
from promint.core.storage import sealed

_PURPOSE = "promint.dashboard.customers"


class SealedCustomer:
    """Django's converter of `<customer:…>` in a route. In the program it is the id, in the URL
    its encrypted form."""

    regex = "[A-Za-z0-9_-]+"

    def to_python(self, text: str) -> str:
        customer = sealed.unseal(_PURPOSE, text + "=" * (-len(text) % 4))
        if customer is None or checks.customer(customer):
            raise ValueError("not from here")
        return customer

    def to_url(self, customer: str) -> str:
        return sealed.seal(_PURPOSE, customer).rstrip("=")  # browsers and proxies escape these
