"""What people and programs may type into a field."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules import checks, limits


@pytest.mark.parametrize("text", ["a", "x" * 200, "Frühling 2026 – 20 % 😀", "<b>&'\""])
def test_a_line_of_up_to_200_characters_is_a_name(text: str) -> None:
    assert checks.line(text, limits.NAME_CHARACTERS) is None


@pytest.mark.parametrize(
    "text", ["", "x" * 201, "a\nb", "a\rb", "a\x00b", "a\tb", "a\x7fb", "a\u2028b", "a\ud800b"]
)
def test_what_is_not_one_line_is_refused(text: str) -> None:
    assert checks.line(text, limits.NAME_CHARACTERS)


def test_an_optional_line_may_be_empty() -> None:
    assert checks.line("", 200, least=0) is None


def test_a_description_may_have_line_breaks_but_no_other_control_characters() -> None:
    assert checks.paragraphs("one\r\ntwo\n\tthree", 2_000) is None
    assert checks.paragraphs("x" * 2_001, 2_000)
    assert checks.paragraphs("a\x00b", 2_000)


@pytest.mark.parametrize(
    ("number", "good"), [(0, False), (1, True), (10**12, True), (10**12 + 1, False), (-1, False)]
)
def test_a_whole_number_lies_within_its_limits(number: int, good: bool) -> None:
    assert (checks.whole_number(number, limits.ENTRY_CAP_CLAIMS) is None) is good


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(2000, 1, 1, tzinfo=UTC),
    ],
)
def test_a_time_with_its_offset_is_a_time(moment: datetime) -> None:
    assert checks.time(moment) is None


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 1),  # noqa: DTZ001 (that is the point)
        datetime(1999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_time_without_offset_or_beyond_the_calendar_is_refused(moment: datetime) -> None:
    assert checks.time(moment)


@pytest.mark.parametrize("name", ["UTC", "Europe/Paris", "Pacific/Kiritimati"])
def test_a_time_zone_is_accepted(name: str) -> None:
    assert checks.zone(name) is None


@pytest.mark.parametrize(
    "name", ["", "Mars/Phobos", "../UTC", "/etc/passwd", "europe/paris\x00", "localtime", "Factory"]
)
def test_what_is_not_a_time_zone_is_refused(name: str) -> None:
    assert checks.zone(name)


@pytest.mark.parametrize("text", ["ops@example.com", "o.p+s@localhost", "a@b"])
def test_an_email_address_is_accepted(text: str) -> None:
    assert checks.address(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ops",
        "@example.com",
        "ops@",
        "a@b@c",
        "a b@example.com",
        "ops@example.com\nBcc: all@example.com",
        "ops@example.com,more@example.com",
        "Ops <ops@example.com>",
        "öps@example.com",
        "x" * 250 + "@example.com",
    ],
)
def test_what_is_not_an_email_address_is_refused(text: str) -> None:
    assert checks.address(text)


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("ops@example.com", "ops@example.com"),
        ("büro@müller.de", None),
        ("buero@müller.de", "buero@xn--mller-kva.de"),
        ("buero@MÜLLER.de", "buero@xn--mller-kva.de"),
        ("ops@straße.de", None),
        ("ops@xn--strae-oqa.de", "ops@xn--strae-oqa.de"),
        ("ops@a..de", None),
    ],
)
def test_domains_with_umlauts_have_an_ascii_form_and_disputed_letters_none(
    typed: str, sent_to: str | None
) -> None:
    assert checks.mail_address(typed) == sent_to
    assert (checks.address(typed) is None) == (sent_to is not None)


def test_a_wrong_address_is_shown_as_it_reads() -> None:
    assert "'büro@müller.de' is not" in (checks.addresses(["büro@müller.de"]) or "")


def test_at_most_20_addresses_and_the_wrong_one_is_named() -> None:
    good = [f"ops{i}@example.com" for i in range(21)]
    assert checks.addresses(good[:20]) is None
    assert "20" in (checks.addresses(good) or "")
    assert "nobody" in (checks.addresses([good[0], "nobody"]) or "")


def test_at_most_50_tags_of_64_characters() -> None:
    assert checks.tags(["t" * 64] * 50) is None
    assert checks.tags(["t"] * 51)
    assert checks.tags(["t" * 65])
    assert checks.tags([" "])
    assert checks.tags(["a\nb"])


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("", True),
        ("SPR", True),
        ("A1" * 6, True),
        ("A" * 13, False),
        ("spr", False),
        ("A-B", False),
    ],
)
def test_a_prefix_is_up_to_12_upper_case_letters_and_digits(text: str, good: bool) -> None:
    assert (checks.prefix(text) is None) is good


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ("SpringSale", True),
        ("Spring Sale – 2026", True),
        ("AB", False),
        ("A" * 65, False),
        ("Frühling", False),
        ("A" + " " * 199 + "BC", False),
        ("Spring\nSale\t2026 ", True),
        ("Spring\x00Sale", False),
    ],
)
def test_a_code_for_many_is_a_line_with_a_canonical_form(typed: str, good: bool) -> None:
    assert (checks.named_code(typed) is None) is good


@given(st.text())
def test_no_text_whatsoever_makes_a_check_fail(text: str) -> None:
    for check in (checks.zone, checks.address, checks.prefix, checks.named_code):
        assert check(text) is None or isinstance(check(text), str)
    checks.tags([text])
    checks.line(text, 200)
    checks.paragraphs(text, 200)
