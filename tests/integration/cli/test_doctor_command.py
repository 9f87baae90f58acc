"""`promint doctor`, as an operator runs it."""

from pathlib import Path

from promint.core.models import ListCounter
from tests.factories import a_batch, a_code, a_list, claim
from tests.servers import Server


def test_the_doctor_prints_a_line_for_each_invariant_and_exits_0_when_all_hold(
    tmp_path: Path,
) -> None:
    claim(a_code())
    lines = Server.on_this_database(tmp_path).succeed("doctor").splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", str(n)] for n in range(1, 15)]


def test_the_doctor_exits_1_until_the_counters_are_repaired(tmp_path: Path) -> None:
    promo_list = a_list()
    a_batch(promo_list, 2)
    ListCounter.objects.filter(list=promo_list).update(codes=3)
    server = Server.on_this_database(tmp_path)
    done = server.run("doctor")
    assert done.returncode == 1
    broken = f"BROKEN  1 counters equal the facts: list {promo_list.public_id}: codes is 3, not 2"
    assert broken in done.stdout
    repaired = server.succeed("doctor", "--repair").splitlines()
    assert repaired[0] == f"repaired  list {promo_list.public_id}"
    assert server.run("doctor").returncode == 0
