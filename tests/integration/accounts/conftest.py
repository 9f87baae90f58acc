"""Promint knows a provider of OpenID Connect, which the test starts."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from promint import openid_settings
from promint.accounts.openid import provider as as_client
from tests.company_sign_in import ANNA, BACK
from tests.openid_provider import Provider, running


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    as_client.forget()
    with running(BACK) as started:
        started.person = dict(ANNA)
        settings.OPENID = openid_settings.read(started.settings())
        yield started
