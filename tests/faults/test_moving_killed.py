"""promint import is killed in the middle and run again: nothing is there twice, and nothing is
missing."""

import signal
from pathlib import Path

import pytest

from promint.core.models import Batch, Claim, Code, Offer, PromoList
from promint.core.rules import BatchStatus
from promint.core.storage import vendor
from promint.moving.plan import AT_ONCE
from tests.factories import let_go
from tests.servers import Server
from tests.soundness import assert_every_invariant_holds

USED = AT_ONCE + 200  # so that they are claimed in two groups
FEW = USED + 100
SHARED = ("TeaForAll", "TeaForever")
COLUMNS = "value,campaignid,limitval,counter,startdate,expirydate,recipientintegrationid,deleted\n"


def _two_chunks() -> int:
    return vendor().chunk + FEW


def _export(directory: Path, rows: int) -> str:
    """An export of codes, of which the first ones were used, each by a customer of its own."""
    once = [
        f"TEA-{n:06},7,1,{int(n < USED)},2026-01-01T00:00:00Z,,cust-{n},false\n"
        for n in range(rows)
    ]
    shared = [f"{code},8,100,5,2026-01-01T00:00:00Z,,,false\n" for code in SHARED]
    file = directory / "export.csv"
    file.write_text(COLUMNS + "".join([shared[0], *once, shared[1]]))
    return str(file)


def _everything_is_there_once(rows: int, claimed: int) -> None:
    offers, named = Offer.objects.values_list("name", flat=True), PromoList.objects.all()
    assert list(offers) == ["Free tea"]
    assert sorted(one.name for one in named) == [
        "7: Free tea, from 2026-01-01 00:00",
        *(f"{code}: Free tea, from 2026-01-01 00:00" for code in SHARED),
    ]
    once = PromoList.objects.select_related("counter").get(named_code=None)
    assert (once.counter.codes, once.counter.claims) == (rows, USED)
    assert Code.objects.filter(list=once).count() == rows
    (batch,) = Batch.objects.all()
    assert (batch.status, batch.created, batch.rejected) == (BatchStatus.ACTIVE, rows, 0)
    expected = {(f"TEA{n:06}", f"cust-{n}") for n in range(USED)}
    assert set(Claim.objects.values_list("code_id", "customer")) == expected
    assert claimed == USED


@pytest.mark.parametrize(
    "where",
    [
        "moving.after_offer",
        "moving.after_list",
        "moving.after_batch",
        "uploads.in_chunk",
        "uploads.after_chunk",
        "claims.before_commit",
        "moving.after_claims",
    ],
)
def test_an_import_that_was_killed_is_completed_by_the_same_command(
    tmp_path: Path, where: str
) -> None:
    rows = _two_chunks() if where == "uploads.after_chunk" else FEW
    words = ("import", "talonone", _export(tmp_path, rows), "--offer", "Free tea", "--apply")
    promint = Server.on_this_database(tmp_path)
    promint.environment["PROMINT_FAILPOINT"] = where
    assert promint.run(*words).returncode == -signal.SIGKILL
    del promint.environment["PROMINT_FAILPOINT"]
    before = Claim.objects.count()
    for batch in Batch.objects.filter(status=BatchStatus.PENDING):
        let_go(batch)
    said = promint.succeed(*words)
    again = int(said.rpartition("Done. ")[2].split()[0].replace(",", ""))
    _everything_is_there_once(rows, before + again)
    assert_every_invariant_holds()
    assert "Done. 0 codes are claimed" in promint.succeed(*words)
    _everything_is_there_once(rows, before + again)


def test_an_import_does_not_go_on_if_a_batch_of_the_earlier_run_cannot_be_completed(
    tmp_path: Path,
) -> None:
    words = (
        "import",
        "talonone",
        _export(tmp_path, _two_chunks()),
        "--offer",
        "Free tea",
        "--apply",
    )
    promint = Server.on_this_database(tmp_path)
    promint.environment["PROMINT_FAILPOINT"] = "uploads.after_chunk"
    assert promint.run(*words).returncode == -signal.SIGKILL
    del promint.environment["PROMINT_FAILPOINT"]
    (batch,) = Batch.objects.all()
    let_go(batch)
    for kept in Path(promint.environment["PROMINT_DATA_DIR"]).glob(f"uploads/{batch.stored_as}*"):
        kept.rename(kept.with_name(f"{kept.name}-elsewhere"))
    done = promint.run(*words)
    assert done.returncode == 1
    assert f"a part of batch {batch.public_id} only" in done.stderr
    assert not Claim.objects.exists()
    for kept in Path(promint.environment["PROMINT_DATA_DIR"]).glob("uploads/*-elsewhere"):
        kept.rename(kept.with_name(kept.name.removesuffix("-elsewhere")))
    promint.succeed(*words)
    _everything_is_there_once(_two_chunks(), USED)
