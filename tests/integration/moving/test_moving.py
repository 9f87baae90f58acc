"""promint import, with files that have the columns which the other systems document."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from promint.core import codes
from promint.core.models import AuditEntry, Batch, Claim, PromoList
from promint.core.rules import Verdict, canonical
from promint.core.rules.rules import ListType
from tests.factories import a_list, claim, third_party_codes
from tests.servers import Server

_COLUMNS = (
    "code,voucher_type,value,discount_type,campaign,start_date,expiration_date"
    ",redemption_quantity,redemption_count,active,metadata.tier\n"
)
_WEEKS = "DISCOUNT_VOUCHER,10,PERCENT,Tea weeks,2026-01-01T00:00:00Z,2046-01-01T00:00:00Z"
VOUCHERIFY = f"""\
{_COLUMNS}TEA-0001,{_WEEKS},1,0,true,gold
TEA-0002,{_WEEKS},1,1,true,
TEA-0003,{_WEEKS},1,0,false,
tea 0001,{_WEEKS},1,0,true,
TeaForAll,DISCOUNT_VOUCHER,5,AMOUNT,,2026-01-01T00:00:00Z,2046-01-01T00:00:00Z,100,98,true,
TeaForever,DISCOUNT_VOUCHER,5,AMOUNT,,,,,7,true,
TeaIsOut,DISCOUNT_VOUCHER,5,AMOUNT,,,,100,100,true,
TEA-0004,GIFT_VOUCHER,500,,,,,1,0,true,
TEA-0005,DISCOUNT_VOUCHER,10,PERCENT,,,2020-01-01T00:00:00Z,1,0,true,
TEA-0006,DISCOUNT_VOUCHER,,,,,,1,0,true,
TEA-0007,DISCOUNT_VOUCHER,10,PERCENT,,,soon,1,0,true,
Ha ha! no,DISCOUNT_VOUCHER,10,PERCENT,,,,1,0,true,
TEA-0008,DISCOUNT_VOUCHER,10,PERCENT,,2045-01-01T00:00:00Z,2046-01-01T00:00:00Z,1,1,true,
ELSEWHERE1,DISCOUNT_VOUCHER,10,PERCENT,,,,1,0,true,
"""
OUTCOMES = [
    *("new", "new", "switched_off", "duplicate_in_file", "new", "new", "used_up", "balance"),
    *("expired", "no_discount", "unreadable", "malformed", "used_before_start", "code_elsewhere"),
]


@pytest.fixture
def promint(tmp_path: Path) -> Server:
    return Server.on_this_database(tmp_path)


def exported(tmp_path: Path, text: str, encoding: str = "utf-8") -> str:
    file = tmp_path / "export.csv"
    file.write_text(text, encoding)
    return str(file)


def everything() -> dict[str, object]:
    """What a run may have changed."""
    return {
        "lists": sorted(PromoList.objects.values_list("name", "counter__claims", "counter__codes")),
        "batches": Batch.objects.count(),
        "claims": sorted(Claim.objects.values_list("code_id", "customer")),
        "audit": AuditEntry.objects.count(),
    }


def test_every_row_is_accounted_for_and_nothing_is_done_without_being_told(
    promint: Server, tmp_path: Path
) -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["ELSEWHERE1"])
    before, account = everything(), tmp_path / "account.csv"
    file = exported(tmp_path, VOUCHERIFY)
    said = promint.succeed("import", "voucherify", file, "--account", str(account))
    assert everything() == before
    assert "Nothing was changed." in said
    assert "Columns that mean nothing to Promint: metadata.tier" in said
    assert "14 rows of Voucherify" in said
    rows = list(csv.reader(account.read_text("utf-8-sig").splitlines()))[1:]
    assert [row[0] for row in rows] == [str(number) for number in range(2, 16)]
    assert [row[2] for row in rows] == OUTCOMES
    assert "TEA-0001" not in said


def test_codes_are_taken_over_once_and_what_was_claimed_cannot_be_claimed_again(
    promint: Server, tmp_path: Path
) -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["ELSEWHERE1"])
    file = exported(tmp_path, VOUCHERIFY)
    assert "1 codes are claimed" in promint.succeed("import", "voucherify", file, "--apply")
    once = PromoList.objects.get(name__startswith="Tea weeks: 10% off")
    assert (once.type, once.starts_at) == (ListType.THIRD_PARTY, datetime(2026, 1, 1, tzinfo=UTC))
    assert (once.counter.codes, once.counter.claims, once.counter.entry_cap) == (2, 1, None)
    assert [offer.name for offer in once.offers.all()] == ["10% off"]
    shared = PromoList.objects.get(named_code="TeaForAll")
    assert (shared.counter.entry_cap, shared.ends_at.year) == (2, 2046)
    assert PromoList.objects.get(named_code="TeaForever").counter.entry_cap is None
    after = everything()
    assert "0 codes are claimed" in promint.succeed("import", "voucherify", file, "--apply")
    assert everything() == after
    assert claim("tea-0002", "cust-1").verdict is Verdict.CODE_ALREADY_CLAIMED
    assert claim("tea-0001", "cust-1").verdict is Verdict.CLAIMED
    for number in (1, 2):
        assert claim("teaforall", f"cust-{number}").verdict is Verdict.CLAIMED
    assert claim("teaforall", "cust-3").verdict is Verdict.CAP_REACHED
    assert not codes.existing([canonical("TEA-0003") or "", canonical("TeaIsOut") or ""])
    promint.succeed("doctor")


def test_a_newer_export_claims_what_was_used_meanwhile_and_an_interrupted_run_goes_on(
    promint: Server, tmp_path: Path
) -> None:
    rows = VOUCHERIFY.splitlines(keepends=True)
    promint.succeed("import", "voucherify", exported(tmp_path, "".join(rows[:2])), "--apply")
    newer = rows[0] + rows[1].replace(",1,0,true", ",1,1,true") + rows[2]
    said = promint.succeed("import", "voucherify", exported(tmp_path, newer), "--apply")
    assert "2 codes are claimed" in said
    (once,) = PromoList.objects.all()
    assert (once.counter.codes, once.counter.claims) == (2, 2)


OTHERS = {
    "talonone": (
        "id,value,campaignid,limitval,counter,startdate,expirydate,recipientintegrationid,deleted\n"
        "1,TEA-0001,7,1,0,2026-01-01T00:00:00Z,,,false\n"
        "2,TEA-0002,7,1,1,2026-01-01T00:00:00Z,,cust-9,false\n"
        "3,TeaForAll,7,0,5,,,,false\n"
        "4,TEA-0003,7,1,0,,,,true\n",
        ("--offer", "Free tea"),
        {"7: Free tea": (2, 1, None), "TeaForAll: Free tea": (1, 0, None)},
    ),
    "shopify": (
        "ID;Title;Code;Value Type;Value;Limit Total Times;Code Used Count;Starts At;Ends At"
        ";Status\n"
        "1;Tea;TEA-0001;Percentage;-15.0;1;0;2026-01-01 08:00:00 +0000;;Active\n"
        "1;Tea;TEA-0002;Percentage;-15.0;1;1;2026-01-01 08:00:00 +0000;;Active\n"
        "2;All;TeaForAll;Fixed Amount;-5.00;20;5;2026-01-01 08:00:00 +0000;;Active\n"
        "3;Way;TeaByPost;Free Shipping;;;5;2026-01-01 08:00:00 +0000;;Active\n",
        (),
        {
            "Tea: 15% off": (2, 1, None),
            "TeaForAll: 5.00 off": (1, 0, 15),
            "TeaByPost: Free shipping": (1, 0, None),
        },
    ),
    "woocommerce": (
        "post_title,post_status,discount_type,coupon_amount,usage_limit,usage_count,date_expires\n"
        "tea-0001,publish,percent,15,1,0,2046-01-01\n"
        "tea-0002,publish,percent,15,1,1,2398377600\n"
        "teaforall,publish,fixed_cart,5.00,20,5,\n"
        "tea-0003,draft,percent,15,1,0,\n",
        (),
        {"WooCommerce: 15% off": (2, 1, None), "teaforall: 5.00 off": (1, 0, 15)},
    ),
}


@pytest.mark.parametrize("system", OTHERS)
def test_the_exports_of_other_systems_are_read(
    promint: Server, tmp_path: Path, system: str
) -> None:
    text, options, expected = OTHERS[system]
    promint.succeed("import", system, exported(tmp_path, text, "utf-8-sig"), *options, "--apply")
    made = {
        one.name.partition(", ")[0]: (
            one.counter.codes,
            one.counter.claims,
            one.counter.entry_cap,
        )
        for one in PromoList.objects.select_related("counter")
    }
    assert made == expected
    used = canonical("TEA-0002")
    who = "cust-9" if system == "talonone" else f"used in {system}"
    assert Claim.objects.get(code=used).customer.casefold().replace(".", "") == who


def test_a_file_that_is_no_such_export_is_refused_with_a_sentence(
    promint: Server, tmp_path: Path
) -> None:
    done = promint.run("import", "voucherify", exported(tmp_path, "code,value\nTEA1,10\n"))
    assert done.returncode == 1
    assert "no column redemption_quantity" in done.stderr
    assert promint.run("import", "elsewhere", exported(tmp_path, "code\n")).returncode == 2
