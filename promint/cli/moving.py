"""promint import: codes and what was claimed, from the .csv export of another system."""

import argparse
import sys
from typing import TYPE_CHECKING

from promint.cli.bulk import ACTOR, wait_for_batch
from promint.cli.told import FAILED, USAGE, say

if TYPE_CHECKING:
    from promint.moving import Plan

KNOWN = "voucherify, talonone, shopify, woocommerce"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    moving = commands.add_parser("import", help="take codes over from another system’s export")
    moving.add_argument("system", metavar="SYSTEM", help=KNOWN)
    moving.add_argument("file", metavar="FILE", type=argparse.FileType("rb"))
    moving.add_argument("--offer", default="", help="what codes without a discount issue")
    moving.add_argument("--account", metavar="CSV", help="writes what becomes of every row")
    moving.add_argument("--apply", action="store_true", help="do it; without, it is only shown")
    moving.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from django.conf import settings

    from promint import moving
    from promint.core.storage import database_now

    system = moving.SYSTEMS.get(options.system)
    if system is None:
        return say(f"SYSTEM is one of {KNOWN}.", USAGE)
    with options.file as file:
        zone = ZoneInfo(settings.TIME_ZONE)
        export = moving.read(system, file.read(), zone, options.offer.strip())
    if options.apply and (left := moving.finish_earlier_run(ACTOR, wait_for_batch)):
        print(f"Batches of an earlier, interrupted run that were completed first: {left:,}")
    plan = moving.plan(system, export, database_now())
    _show(plan)
    if options.account is not None and (failed := _write_account(plan, options.account)):
        return failed
    if not options.apply:
        print("Nothing was changed. With --apply it is done.")
        return 0
    claimed = moving.carry_out(plan, ACTOR, wait_for_batch)
    print(f"Done. {claimed:,} codes are claimed that were used there.")
    return 0


def _show(plan: "Plan") -> None:
    from promint.moving import REASONS

    print(f"{len(plan.outcomes):,} rows of {plan.system.label}")
    for outcome, rows in plan.counts.items():
        print(f"{rows:>9,}  {REASONS[outcome]}")
    for described, work in plan.work.items():
        facts = [f"{len(work.fresh):,} codes"]
        facts += [f"{len(work.used):,} of them used"] if work.used else []
        cap = described.entry_cap
        facts += [f"cap {cap:,}"] if cap is not None else []
        print(f"{described.type.label} list  {described.name}  ({', '.join(facts)})")
    if plan.unread:
        print(f"Columns that mean nothing to Promint: {', '.join(plan.unread)}")


def _write_account(plan: "Plan", output: str) -> int:
    """The file holds codes, so only its owner can read it: the command's umask sees to that."""
    from promint.core.rules import BYTE_ORDER_MARK, csv_text
    from promint.moving import REASONS

    rows = [[str(row.number), row.typed, name, REASONS[name]] for row, name in plan.outcomes]
    text = BYTE_ORDER_MARK + csv_text([["row", "code", "result", "meaning"], *rows])
    try:
        with open(output, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        return say(f"{output} cannot be written: {error.strerror}.", FAILED)
    print(f"What becomes of every row: {output}", file=sys.stderr)
    return 0
