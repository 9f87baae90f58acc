"""A public id is a number written in another way. No other text is accepted as one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules import ids

KEYS = st.integers(0, 2**63 - 1)


@given(KEYS)
def test_an_id_leads_back_to_its_key(key: int) -> None:
    public = ids.public("lst", key)
    assert re.fullmatch(r"lst_[0-9a-z]{13}", public)
    assert ids.key_of("lst", public) == key


@given(KEYS)
def test_an_id_of_another_kind_is_refused(key: int) -> None:
    assert ids.key_of("bat", ids.public("lst", key)) is None


@given(st.text(max_size=20))
def test_any_other_text_is_refused_as_an_id(text: str) -> None:
    key = ids.key_of("lst", text)
    assert key is None or ids.public("lst", key) == text


@pytest.mark.parametrize(
    "text",
    ["", "lst_", "lst", "lst_0", "lst_" + "z" * 13, "LST_0000000000001", "lst_000000000000１"],
)
def test_what_is_nearly_an_id_is_refused(text: str) -> None:
    assert ids.key_of("lst", text) is None


def test_new_keys_are_random_and_fit_into_63_bits() -> None:
    keys = {ids.new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(0 <= key < 2**63 for key in keys)
    assert max(keys) > 2**62


def test_a_claim_id_is_128_random_bits() -> None:
    assert re.fullmatch(r"clm_[0-9a-f]{32}", ids.new_claim_id())
    assert ids.new_claim_id() != ids.new_claim_id()
