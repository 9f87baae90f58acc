"""Names contain no invisible characters and none that change the direction of text."""

import pytest

from promint.core.rules import checks


@pytest.mark.parametrize(
    "hidden",
    ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\u2060", "\u3164", "\u2800", "\u061c"],
)
def test_what_cannot_be_seen_is_refused_wherever_it_stands(hidden: str) -> None:
    for name in (f"Spring{hidden}", f"{hidden}Spring", f"Spr{hidden}ing", hidden):
        problem = checks.line(name, 200)
        assert problem is not None
        assert f"U+{ord(hidden):04X}" in problem
    assert checks.paragraphs(f"a\nb{hidden}", 200) is not None


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d", "\ufe0f"])
def test_a_joiner_between_letters_that_do_not_join_is_hidden(joiner: str) -> None:
    for name in (f"Spring{joiner}Sale", f"{joiner}a", f"a {joiner}b"):
        assert checks.line(name, 200) is not None


@pytest.mark.parametrize(
    "name",
    ["❤️ Spring", "👩‍👩‍👧 family", "1️⃣ first", "می‌خواهم", "क्‍ष", "Ünïcode ☃", "日本 セール", "مرحبا"],
)
def test_names_of_all_languages_and_pictures_are_taken(name: str) -> None:
    assert checks.line(name, 200) is None


def test_a_code_may_be_typed_with_what_does_not_count() -> None:
    assert checks.named_code("Spring\u200bSale") is None
