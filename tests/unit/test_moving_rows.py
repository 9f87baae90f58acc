"""Rows of other systems' exports, as promint.moving reads them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from promint import moving
from promint.cli.moving import KNOWN
from promint.core.rules import Refused
from promint.moving.rows import Row

PARIS = ZoneInfo("Europe/Paris")
SHOP = "Code;Limit Total Times;Code Used Count;Value Type;Value;Ends At\n"


def shop_row(text: str) -> Row:
    (row,) = moving.read(moving.SYSTEMS["shopify"], (SHOP + text).encode(), PARIS).rows
    return row


@pytest.mark.parametrize(
    ("kind", "amount", "offer"),
    [
        ("Percentage", "-15.0", "15% off"),
        ("Percentage", "0.15", "15% off"),
        ("Percentage", "12.5", "12.5% off"),
        ("Fixed Amount", "-1234.50", "1,234.50 off"),
        ("Fixed Amount", "1", "1 off"),
        ("Free Shipping", "", "Free shipping"),
    ],
)
def test_a_discount_becomes_an_offer_that_says_it(kind: str, amount: str, offer: str) -> None:
    assert shop_row(f"TEA-0001;1;0;{kind};{amount};").offer == offer


@pytest.mark.parametrize(
    "cells",
    [
        "1;0;Percentage;1;",  # 1 % or 100 %
        "1;0;Percentage;ten;",
        "1;0;Percentage;NaN;",
        "-1;0;Percentage;10;",
        "1.5;0;Percentage;10;",
        "1;0;Percentage;10;next year",
        "1;0;Percentage;10;1999-01-01",
        "1;0;Percentage;10;99999999999999999999",
    ],
)
def test_what_cannot_be_read_is_left_out(cells: str) -> None:
    assert shop_row(f"TEA-0001;{cells}").reason == "unreadable"


def test_times_without_an_offset_are_in_the_zone_of_the_installation() -> None:
    assert shop_row("TEA-0001;1;0;Percentage;10;2046-01-01").ends_at == datetime(
        2045, 12, 31, 23, tzinfo=UTC
    )
    assert shop_row("TEA-0001;1;0;Percentage;10;2046-01-01 00:00:00 UTC").ends_at == datetime(
        2046, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Code;Value\nTEA-0001;5\n"])
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        moving.read(moving.SYSTEMS["shopify"], content, PARIS)


def test_the_command_names_every_system() -> None:
    assert ", ".join(moving.SYSTEMS) == KNOWN
