"""Text that is too long is refused beside its field, because browsers would cut pasted text
without a message."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms
from django.test import Client

from promint.core.models import Batch, Offer, PromoList
from tests.factories import a_list

LONG = "N" * 201
FORMS = ["/lists/new", "/offers/new", "/keys/new", "/team/invite", "/profile", "/webhooks/new"]


def test_no_form_lets_the_browser_cut_what_is_typed(admin: Client) -> None:
    pages = [*FORMS, "/codes", "/customers", f"/lists/{a_list().public_id}/generate"]
    for address in pages:
        text = admin.get(address).content.decode()
        fields = [tag.split(">")[0] for tag in text.split("<input")[1:]]
        cut = [field for field in fields if "maxlength" in field]
        assert not [field for field in cut if 'type="password"' not in field], address


def test_no_form_at_all_does_so_but_those_for_passwords() -> None:
    import_module("promint.dashboard.urls")
    cut = {
        f"{form.__name__}.{name}"
        for form in _forms(forms.Form)
        for name, field in form.base_fields.items()
        if "maxlength" in field.widget.attrs and not isinstance(field.widget, forms.PasswordInput)
    }
    assert {one for one in cut if not one.startswith("Authentication")} == set()


def _forms(kind: type[forms.Form]) -> Iterator[type[forms.Form]]:
    for form in kind.__subclasses__():
        if form.__module__.startswith("promint"):
            yield form
        yield from _forms(form)


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("/lists/new", {"type": "single_use", "points": "5", "capping": "no"}),
        ("/offers/new", {}),
        ("/keys/new", {"scopes": "claim"}),
        ("/team/invite", {"email": "new@example.com", "role": "viewer"}),
        ("/profile", {}),
    ],
)
def test_a_name_beyond_200_characters_is_refused_with_all_of_it_kept(
    admin: Client, address: str, more: dict[str, str]
) -> None:
    answer = admin.post(address, {"name": LONG, **more})
    text = answer.content.decode()
    assert answer.status_code in (200, 422)
    assert "Use at most 200 characters. These are 201." in text
    assert LONG in text
    assert not PromoList.objects.exists()
    assert not Offer.objects.exists()


def test_a_batchs_name_too(manager: Client) -> None:
    address = f"/lists/{a_list().public_id}/generate"
    text = manager.post(address, {"quantity": "5", "name": LONG}).content.decode()
    assert "Use at most 200 characters. These are 201." in text
    assert not Batch.objects.exists()


def test_a_code_that_no_address_could_hold_is_said_to_be_none(viewer: Client) -> None:
    answer = viewer.post("/codes", {"code": "C" * 5000})
    assert answer.status_code == 422
    assert "This cannot be a promo code" in answer.content.decode()
