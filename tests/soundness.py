"""The check with which every test of a race or a fault ends."""

from promint.core import doctor


def assert_every_invariant_holds() -> None:
    assert [finding.line for finding in doctor.check() if not finding.holds] == []
