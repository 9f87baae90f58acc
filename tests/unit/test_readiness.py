"""What promint check calls fine, a warning, and not fine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promint.readiness import Line, Mark
from promint.readiness.clock import compared
from promint.readiness.disk import GIB, of_space
from promint.readiness.file_systems import is_shared, named_in
from promint.readiness.own_settings import about_address, about_secret
from promint.readiness.proxy_headers import about_trust
from promint.readiness.remark import fine, not_fine, warning

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MOUNTED = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv rw - ext4 /dev/sdb1 rw
41 40 0:41 / /srv/data\040of\040all rw,relatime shared:9 master:2 - nfs4 store:/data rw
42 22 0:42 / /var/lib rw - xfs /dev/sdc1 rw"""


def test_a_line_is_as_bad_as_its_worst_remark_which_comes_first_and_never_two_lines() -> None:
    line = Line("disk", [fine("Good."), not_fine("Bad:\nmend it."), warning("Hm.")])
    assert line.mark == Mark.NOT_FINE
    assert line.text == "disk           not fine  Bad: mend it. Hm. Good."


@pytest.mark.parametrize(
    ("seconds", "mark", "words"),
    [
        (0, Mark.FINE, "less than a second"),
        (0.9, Mark.FINE, "less than a second"),
        (-90, Mark.NOT_FINE, "90 s ahead of the database"),
        (7200, Mark.NOT_FINE, "7,200 s behind the database"),
    ],
)
def test_clocks_may_be_a_second_apart(seconds: float, mark: Mark, words: str) -> None:
    remark = compared(NOON, NOON + timedelta(seconds=seconds), NOON)
    assert remark.mark == mark
    assert words in remark.sentence


def test_the_time_that_asking_took_is_no_difference() -> None:
    assert compared(NOON, NOON, NOON + timedelta(seconds=9)).mark == Mark.FINE


@pytest.mark.parametrize(
    ("free", "mark"),
    [(GIB - 1, Mark.NOT_FINE), (GIB, Mark.WARNING), (5 * GIB, Mark.FINE)],
)
def test_free_space(free: int, mark: Mark) -> None:
    assert of_space("the data directory", Path("/srv"), free).mark == mark


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://promo.example.com", None),
        ("http://promo.example.com", "not https"),
        ("http://127.0.0.1:8000", "only this machine"),
        ("https://localhost", "only this machine"),
        ("https://[::1]:8000", "only this machine"),
    ],
)
def test_an_address_for_people(url: str, words: str | None) -> None:
    remarks = about_address(url)
    assert [remark.mark for remark in remarks] == ([Mark.WARNING] if words else [])
    assert all((words or "") in remark.sentence for remark in remarks)


@pytest.mark.parametrize(
    ("trusted", "mark", "words"),
    [
        ("127.0.0.1,::1", Mark.FINE, "127.0.0.1, ::1"),
        ("10.0.0.0/8", Mark.FINE, "10.0.0.0/8"),
        ("*", Mark.NOT_FINE, "every caller"),
        ("10.0.0.1, 0.0.0.0/0", Mark.NOT_FINE, "every caller"),
        ("::/0", Mark.NOT_FINE, "every caller"),
        ("10.0.0.1,proxy", Mark.NOT_FINE, "proxy is no address"),
        ("10.0.0.1/8", Mark.NOT_FINE, "10.0.0.1/8 is no address"),
        ("", Mark.WARNING, "is empty"),
    ],
)
def test_whose_word_is_taken_for_addresses(trusted: str, mark: Mark, words: str) -> None:
    remark = about_trust(trusted, https=True)
    assert remark.mark == mark
    assert words in remark.sentence


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/home/promint", "ext4"),
        ("/srv/data", "ext4"),
        ("/srv/data of all/promint", "nfs4"),
        ("/var/lib/promint", "xfs"),
    ],
)
def test_the_innermost_mount_says_which_file_system_it_is(directory: str, kind: str) -> None:
    assert named_in(MOUNTED, Path(directory)) == kind


def test_network_file_systems() -> None:
    assert all(map(is_shared, ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"]))
    assert not any(map(is_shared, ["", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay"]))


@pytest.mark.parametrize(
    ("database", "secret", "remarks"),
    [("postgresql://db/promint", "", 1), ("postgresql://db/promint", "s" * 16, 0), ("", "", 0)],
)
def test_with_postgresql_a_secret_of_the_machine_alone_is_pointed_out(
    database: str, secret: str, remarks: int
) -> None:
    assert [one.mark for one in about_secret(database, secret)] == [Mark.WARNING] * remarks
