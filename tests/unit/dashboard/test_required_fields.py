"""Every form of the dashboard says what to enter in a field that was left empty."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from django import forms

from promint import dashboard
from promint.dashboard.sign_in.sign_in import SignInForm


def forms_below(kind: type[forms.Form]) -> Iterator[type[forms.Form]]:
    for form in kind.__subclasses__():
        if form.__module__.startswith(dashboard.__name__):
            yield form
        yield from forms_below(form)


def fields_of(form: type[forms.Form]) -> dict[str, Any]:
    own_words = form is SignInForm  # which are set when it is made
    return SignInForm().fields if own_words else getattr(form, "base_fields", {})


def test_an_empty_required_field_says_what_belongs_there() -> None:
    for module in pkgutil.walk_packages(dashboard.__path__, f"{dashboard.__name__}."):
        importlib.import_module(module.name)
    found = set(forms_below(forms.Form))
    assert len(found) > 12
    silent = [
        f"{form.__name__}.{name}"
        for form in found
        for name, field in fields_of(form).items()
        if field.required and field.error_messages["required"] == "This field is required."
    ]
    assert silent == []
