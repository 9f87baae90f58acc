"""How values are written on the pages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from promint.core.rules import codewords
from promint.dashboard.batches.code_space import CodeSpace, in_words
from promint.dashboard.exports.choices import choices
from promint.dashboard.page import formats
from promint.dashboard.page.paging import Paging

NOON = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)


def test_numbers_have_separators_and_a_true_minus() -> None:
    assert formats.number(1234567) == "1,234,567"
    assert formats.number(-1000) == "−1,000"


@pytest.mark.parametrize(
    ("part", "whole", "read"),
    [
        (344, 1000, "34.4%"),
        (2961, 3000, "98.7%"),
        (2, 3, "66.7%"),
        (1, 2000, "<0.1%"),
        (3, 2000, "0.2%"),
        (999_999, 1_000_000, "99.9%"),
        (7, 6, "116.7%"),
        (5, 5, "100.0%"),
        (0, 7, "0.0%"),
        (1, 1_000_000, "<0.1%"),
        (0, 0, "0.0%"),
    ],
)
def test_per_cent_has_one_digit_and_is_never_rounded_to_all_or_nothing(
    part: int, whole: int, read: str
) -> None:
    assert formats.percent(part, whole) == read


@pytest.mark.parametrize(
    ("amount", "currency", "read"),
    [
        ("0.5", "USD", "$0.50"),
        ("999", "EUR", "€999.00"),
        ("50000", "USD", "$50,000"),
        ("30970.5", "USD", "$30,970.50"),
        ("0.005", "GBP", "£0.005"),
        ("12", "JPY", "¥12"),
        ("12.5", "CHF", "12.50 CHF"),
        ("-3", "USD", "−$3.00"),
        ("1E+6", "USD", "$1,000,000"),
    ],
)
def test_money_shows_cents_where_they_matter(amount: str, currency: str, read: str) -> None:
    assert formats.money(Decimal(amount), currency) == read


def test_days_and_clocks_read_the_same_everywhere() -> None:
    assert formats.day(NOON) == "Nov 9, 2026"
    assert formats.clock(NOON.replace(hour=8, minute=5)) == "08:05"


@pytest.mark.parametrize(
    ("zone", "read"),
    [
        ("America/New_York", "EST"),
        ("UTC", "UTC"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/Sao_Paulo", "UTC−3"),
    ],
)
def test_a_zone_without_letters_reads_as_its_offset(zone: str, read: str) -> None:
    assert formats.zone(NOON.astimezone(ZoneInfo(zone))) == read


@pytest.mark.parametrize(
    ("ago", "read"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "Today, 11:00"),
        (timedelta(hours=13), "Nov 8, 2026, 23:00"),
        (timedelta(seconds=-5), "Today, 12:00"),
    ],
)
def test_times_are_relative_only_within_the_last_hour(ago: timedelta, read: str) -> None:
    assert formats.moment(NOON - ago, NOON) == read


@pytest.mark.parametrize(
    ("length", "read"),
    [
        (timedelta(seconds=12.4), "12 s"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=6, hours=2), "6 days"),
        (timedelta(seconds=-3), "0 s"),
    ],
)
def test_lengths_of_time_are_rounded_to_what_one_wants_to_know(
    length: timedelta, read: str
) -> None:
    assert formats.duration(length) == read


@pytest.mark.parametrize(
    ("name", "written"),
    [("Ana", "Ana"), ("عميل 5", "\u2068عميل 5\u2069"), ("לקוח", "\u2068לקוח\u2069"), ("春", "春")],
)
def test_a_name_from_right_to_left_moves_no_numbers_beside_it(name: str, written: str) -> None:
    assert formats.apart(name) == written


def test_things_are_counted_in_words() -> None:
    assert formats.counted(1, "code") == "1 code"
    assert formats.counted(2500, "code") == "2,500 codes"
    assert formats.counted(2, "batch", "batches") == "2 batches"


@pytest.mark.parametrize(
    ("name", "read"),
    [("Ines Carvalho", "IC"), ("maya.okafor@example.com", "MO"), ("Cher", "C"), ("a b c", "AC")],
)
def test_initials_come_from_a_name_or_an_address(name: str, read: str) -> None:
    assert formats.initials(name) == read


@pytest.mark.parametrize(
    ("value", "read"), [(0, "0"), (950, "950"), (50_000, "50k"), (1_500_000, "1.5M")]
)
def test_the_scale_of_a_chart_is_short(value: int, read: str) -> None:
    assert formats.short_number(value) == read


@pytest.mark.parametrize("prefix", ["", "SPR", "SUMMER2026"])
@pytest.mark.parametrize("length", [8, 12, 32])
def test_a_sample_code_is_one_that_could_be_generated(prefix: str, length: int) -> None:
    shown = "".join(CodeSpace(prefix, length, 0).sample)
    value = codewords.canonical(shown)
    assert value is not None
    assert value.startswith(prefix)
    assert len(value) == len(prefix) + length
    assert set(value.removeprefix(prefix)) <= set(codewords.ALPHABET)
    assert not codewords.looks_mistyped(value)
    assert codewords.grouped(value, prefix) == shown


def test_more_codes_make_a_guess_likelier() -> None:
    assert CodeSpace("", 12, 1_000_000).odds == "1 in 8.29 billion"
    assert CodeSpace("", 12, 2_000_000).odds == "1 in 4.14 billion"


@pytest.mark.parametrize(
    ("number", "read"),
    [
        (999_999, "999,999"),
        (1_000_000, "1 million"),
        (8_299_000_000, "8.29 billion"),
        (999_999_999, "999 million"),
        (41_000_000, "41 million"),
        (10**30, "over 1,000 sextillion"),
    ],
)
def test_huge_numbers_are_written_in_words(number: int, read: str) -> None:
    assert in_words(number) == read


def test_the_export_menu_says_how_many_sheets_there_will_be_and_what_is_not_possible() -> None:
    assert [c.layout for c in choices(65_535)] == ["1 sheet", "1 sheet", "One code a line"]
    assert choices(65_536)[0].layout == "2 sheets of 65,535 codes"
    assert choices(1_048_576)[1].layout == "2 sheets of 1,048,575 codes"
    assert choices(1_000_000)[0].possible
    assert not choices(1_000_001)[0].possible


@pytest.mark.parametrize("asked", ["", "0", "-1", "x", "999", "9" * 30, "٣"])
def test_a_page_that_does_not_exist_is_one_that_does(asked: str) -> None:
    paging = Paging(asked, 101, 25)
    assert 1 <= paging.page <= paging.pages == 5


def test_page_links_show_the_ends_and_the_neighbours() -> None:
    assert list(Paging("6", 300, 25).numbers()) == [1, None, 5, 6, 7, None, 12]
    assert list(Paging("1", 10, 25).numbers()) == [1]


def test_the_last_page_holds_the_rest() -> None:
    paging = Paging("5", 101, 25)
    assert (paging.first, paging.start, paging.stop) == (101, 100, 101)
    assert (paging.previous, paging.next) == (4, None)
    assert Paging("1", 0, 25).first == 0
