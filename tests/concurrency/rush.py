"""Many people at the same moment: processes with threads, each with its own connection.

Tests call `rush`. This file is also the program that its processes run.
"""

import json
import multiprocessing
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from typing import Any

Action = dict[str, Any]  # "do" names one of ACTIONS, the rest are its arguments

STARTS_WITHIN = 120  # seconds
TRIES = 5

_all_ready: Any = None  # a barrier of all processes


def rush(
    actions: list[Action], *, processes: int = 4, threads: int = 16, without: tuple[str, ...] = ()
) -> list[str]:
    """The result of each action. All begin at the same moment, as many as fit at a time.

    `without`: locks and constraints that are switched off, each a name in MUTANTS.
    """
    plans = [
        {"actions": actions[number::processes], "threads": threads, "without": without}
        for number in range(processes)
    ]
    program = [sys.executable, "-m", "tests.concurrency.rush"]
    ended = subprocess.run(
        program, input=json.dumps(plans), stdout=subprocess.PIPE, text=True, check=True
    )
    outcomes: list[str] = [""] * len(actions)
    for number, brought in enumerate(json.loads(ended.stdout)):
        outcomes[number::processes] = brought
    return outcomes


def _claim(code: str, customer: str, key: str | None = None) -> str:
    """The verdict as the claim writer would get it: after a collision it reads again."""
    from promint.core.claiming import claims
    from promint.core.claiming.claims import Attempt

    attempt = Attempt(code, customer, "key_rush", idempotency_key=key)
    (reply,) = claims.claim_many([attempt], _answer)
    if reply.result is None:
        return f"replayed {reply.answer and reply.answer.body.decode()}"
    verdict = reply.result.verdict.value
    return f"{verdict} {reply.answer.body.decode()}" if key and reply.answer else verdict


def _claim_offer(code: str, customer: str) -> str:
    """The claim's id, and the name under which its offer is issued, as the caller is answered."""
    from promint.core.claiming import as_json
    from tests.factories import claim

    made = claim(code, customer).claim
    assert made is not None
    told = as_json.claim(made.id, made.code, customer, made.facts, made.claimed_at)
    return f"{made.id} {told['outcomes']['offers'][0]['name']}"


def _rename(offer: str, name: str) -> str:
    from promint.core.lists import offers

    return offers.change(offer, {"name": name}, "staff:rush").name


def _answer(result: Any) -> Any:
    from promint.core.claiming.kept_answers import Answer

    return Answer(201, secrets.token_hex(8).encode())


def _cancel(code: str) -> str:
    from promint.core import codes

    return codes.cancel(code, "lost", "staff:rush").status


def _reverse(claim: str, available_again: bool) -> str:
    """Whether the code is available again, and when. Everybody who asks gets the same."""
    from promint.core.claiming import reversal

    done = reversal.reverse(claim, "returned", "staff:rush", available_again=available_again)
    return f"reversed {done.reversal.available_again} {done.reversal.reversed_at.isoformat()}"


def _edit(list: str, **changes: Any) -> str:
    from promint.core import lists

    lists.edit(list, changes, "staff:rush")
    return "edited"


def _end(list: str, ends_at: str) -> str:
    return _edit(list, ends_at=datetime.fromisoformat(ends_at))


def _create(code: str) -> str:
    from promint.core.rules.rules import ListType
    from tests.factories import a_list

    return a_list(ListType.MULTI_USE, code=code).public_id


def _generate(turns: int) -> str:
    from promint.worker.generation import Generator

    generator = Generator()
    return str(sum(generator.turn() for _ in range(turns)))


def _ask(list: str, quantity: int) -> str:
    from promint.core.codes import batches

    batches.request(list, quantity, "", [], "staff:rush")
    return "asked"


def _hand_out(list: str, recipient: str) -> str:
    """The code. Everybody who asks for the same person gets the same one."""
    from promint.core.codes import handouts

    return handouts.hand_out(list, recipient, "key:rush")[0].handout.code


def _work_on_cancellation(steps: int, step_codes: int) -> str:
    """So many steps of the only cancellation, or until it is done, each by whoever takes it."""
    from promint.core.codes import cancellations, cancelling, undoing
    from promint.core.models import Cancellation
    from promint.core.storage import Busy, jobs

    cancelling.STEP = undoing.STEP = step_codes
    done = 0
    while done < steps and Cancellation.objects.get().status == "pending":
        job = jobs.take(cancellations.waiting())
        if job is None:
            time.sleep(0.005)
            continue
        try:
            (cancelling if job.undo_asked_at is None else undoing).step(job)
            done += 1
        except (Busy, jobs.LostLease):
            pass
        jobs.put_back(job)
    return f"{done} steps"


ACTIONS: dict[str, Callable[..., str]] = {
    "claim": _claim,
    "claim_offer": _claim_offer,
    "rename": _rename,
    "cancel": _cancel,
    "reverse": _reverse,
    "edit": _edit,
    "end": _end,
    "create": _create,
    "generate": _generate,
    "ask": _ask,
    "hand_out": _hand_out,
    "work_on_cancellation": _work_on_cancellation,
}


def _without_judge(_: int) -> None:
    """Grants each claim, whatever the snapshot says."""
    from promint.core.claiming import claims
    from promint.core.rules.rules import Verdict

    claims.judge = lambda *_: Verdict.CLAIMED


def _without_lock(threads: int) -> None:
    """Runs each statement by itself, without a transaction and so without lasting locks. For the
    race to happen each time, no thread writes before all threads of a process have read what
    they judge by."""
    from promint.core.claiming import claims

    all_have_read = threading.Barrier(threads)
    met = threading.local()

    class Unguarded(claims.ClaimSnapshot):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            if not hasattr(met, "already"):
                met.already = True
                all_have_read.wait(STARTS_WITHIN)

    claims.ClaimSnapshot = Unguarded  # type: ignore[misc]
    claims.claim_many = claims.claim_many.__wrapped__  # type: ignore[attr-defined]


def _without_reversal_lock(threads: int) -> None:
    """Reversals take no locks, run in no transaction, and do not see other reversals."""
    from promint.core import lists
    from promint.core.claiming import reversal

    reversal.reverse = reversal.reverse.__wrapped__  # type: ignore[attr-defined]
    lists.lock_counter = lambda *_: None  # type: ignore[assignment]
    reversal._of = lambda _: None  # type: ignore[assignment]
    reversal.became_free = lambda *_: None  # type: ignore[assignment]  # it needs a transaction


def _without_handout_lock(threads: int) -> None:
    """Codes are found and taken without a lock, in no transaction, and for one recipient at a
    time. No thread takes one before all threads of a process have read who has which code."""
    from promint.core.codes import handouts, picking

    picking._PICK = picking._PICK.replace("{lock}", "")
    all_have_read = threading.Barrier(threads)
    met = threading.local()
    pick = handouts.pick

    def unguarded(*arguments: Any) -> Any:
        if not hasattr(met, "already"):
            met.already = True
            all_have_read.wait(STARTS_WITHIN)
        return pick(*arguments)

    handouts.pick = unguarded
    handouts._line.ask = lambda kind, who: handouts.serve_kind(kind, [who])[who]  # type: ignore[method-assign]
    handouts._give = handouts._give.__wrapped__  # type: ignore[attr-defined]


def _without_cancellation_lock(_: int) -> None:
    """A step locks nothing and stands in no transaction. Between what it reads and what it cancels,
    one of these codes is claimed, however late the other processes are."""
    from promint.core import lists
    from promint.core.codes import cancelling

    cancel = cancelling._cancel

    def late(job: Any, chosen: Any, *more: Any) -> int:
        if chosen:
            _claim(chosen[0].value, "cust-between")
        return cancel(job, chosen, *more)

    lists.lock_counter = lambda *_: None  # type: ignore[assignment]
    cancelling._cancel = late
    cancelling.step = cancelling.step.__wrapped__  # type: ignore[attr-defined]


MUTANTS = {
    "judge": _without_judge,
    "lock": _without_lock,
    "reversal": _without_reversal_lock,
    "handout": _without_handout_lock,
    "cancellation": _without_cancellation_lock,
}


def _attempted(action: Action) -> str:
    """The result of an action. After collisions and a busy database it is tried again."""
    from django.db import IntegrityError, connection

    from promint.core.rules.refusals import Refused
    from promint.core.storage.transactions import Busy

    arguments = {name: value for name, value in action.items() if name != "do"}
    for _ in range(TRIES):
        try:
            return ACTIONS[action["do"]](**arguments)
        except Refused as refused:
            return refused.refusal.value
        except IntegrityError:
            outcome = "collision"
        except Busy:
            outcome = "busy"
    connection.close()
    return outcome


def _run(plan: dict[str, Any]) -> list[str]:
    """Run the actions of one process among several."""
    from django.db import connection

    actions: list[Action] = plan["actions"]
    outcomes = [""] * len(actions)
    threads = min(plan["threads"], len(actions))
    for guard in plan["without"]:
        MUTANTS[guard](threads)
    ready = threading.Barrier(threads + 1)

    def work(first: int) -> None:
        connection.ensure_connection()
        ready.wait(STARTS_WITHIN)
        ready.wait(STARTS_WITHIN)
        for number in range(first, len(actions), threads):
            outcomes[number] = _attempted(actions[number])
        connection.close()

    workers = [threading.Thread(target=work, args=(first,)) for first in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait(STARTS_WITHIN)
    _all_ready.wait(STARTS_WITHIN)
    ready.wait(STARTS_WITHIN)
    for worker in workers:
        worker.join()
    return outcomes


def _wait_for(all_ready: Any) -> None:
    global _all_ready
    _all_ready = all_ready


def _run_side_by_side(plans: list[dict[str, Any]]) -> list[list[str]]:
    """Run each plan in a process of its own, made by forking this one, which has no connection
    yet. No process begins before all are ready."""
    copies = multiprocessing.get_context("fork")
    all_ready = copies.Barrier(len(plans))
    with ProcessPoolExecutor(len(plans), copies, _wait_for, (all_ready,)) as processes:
        return list(processes.map(_run, plans))


if __name__ == "__main__":
    import django

    django.setup()

    # Imported once, before the fork.
    import promint.worker.generation  # noqa: F401
    import tests.factories  # noqa: F401

    print(json.dumps(_run_side_by_side(json.load(sys.stdin))))
