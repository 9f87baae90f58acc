"""What the figures should be: at least, and better. Most are multiples of a baseline of the same
run, since machines differ."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    of: str  # the baseline; empty: the figure itself is compared
    at_least: float
    aim: float
    smaller_is_better: bool = False

    def told(self, measured: float, ratios: dict[str, float]) -> str:
        got = ratios[self.of] if self.of else measured
        reached = [self._reaches(got, wanted) for wanted in (self.at_least, self.aim)]
        word = ("short of", "reaches", "beyond")[sum(reached)]
        return f"{word} {self.at_least:g}, aim {self.aim:g}"

    def _reaches(self, got: float, wanted: float) -> bool:
        return got <= wanted if self.smaller_is_better else got >= wanted


HOT = "one hot capped code, one process"
DISTINCT = "distinct codes of an uncapped list, one process"
TWO_HOT = "two hot capped codes, two processes"
ONE_HOT = "one hot capped code, two processes"
DISTINCT_TWO = "distinct codes of an uncapped list, two processes"
ALONE = "one claim alone, p50"
HALF = "p99 at half of full load"
MILLION = "codes generated, 1,000,000 in a batch"
TENTH = "the tenth million"
BESIDE = "a claim beside 10,000,000 codes, p50"
HOT_TOLD = "one hot capped code, webhooks on"
DISTINCT_TOLD = "distinct codes of an uncapped list, webhooks on"
HANDOUTS = "handouts by the verb, 64 connections"
MEANWHILE = "claims' p99 while a million codes are made"

FUNCTION = "function.sql"
PEER = "peer.sql"
ONE_PROCESS = "one process"
SHELF = "UPDATE … SKIP LOCKED by hand"
UNTOLD = "webhooks off"
SINGLY = "one transaction each"
BARE = "bare table"

TARGETS = {
    ("postgresql", HOT): Target(FUNCTION, 4, 6),
    ("postgresql", DISTINCT): Target(PEER, 1.5, 2.5),
    ("postgresql", TWO_HOT): Target(ONE_PROCESS, 1.8, 2.0),
    ("postgresql", ONE_HOT): Target(ONE_PROCESS, 1.3, 1.6),
    ("postgresql", ALONE): Target("", 2.5, 1.5, smaller_is_better=True),
    ("postgresql", HALF): Target("", 50, 20, smaller_is_better=True),
    ("sqlite", HOT): Target(SINGLY, 4, 8),
    ("sqlite", DISTINCT): Target(SINGLY, 4, 8),
    **{
        (database, what): Target(UNTOLD, 0.8, 0.9)
        for database in ("postgresql", "sqlite")
        for what in (HOT_TOLD, DISTINCT_TOLD)
    },
    ("postgresql", MILLION): Target(BARE, 1, 1.5),
    ("sqlite", MILLION): Target(BARE, 1, 1.5),
    ("postgresql", TENTH): Target("the first", 2, 1.3, smaller_is_better=True),
    ("sqlite", TENTH): Target("the first", 2, 1.3, smaller_is_better=True),
    ("postgresql", BESIDE): Target("10,000", 2, 1.2, smaller_is_better=True),
    ("sqlite", BESIDE): Target("10,000", 2, 1.2, smaller_is_better=True),
    ("postgresql", MEANWHILE): Target("", 1_000, 250, smaller_is_better=True),
    ("sqlite", MEANWHILE): Target("", 1_000, 250, smaller_is_better=True),
    ("postgresql", HANDOUTS): Target("", 2_000, 2_000),
    ("postgresql", "export to .csv"): Target("", 200_000, 400_000),
    ("sqlite", "export to .csv"): Target("", 200_000, 400_000),
    ("postgresql", "export to .xlsx"): Target("", 100_000, 100_000),
    ("sqlite", "export to .xlsx"): Target("", 100_000, 100_000),
    ("postgresql", "export to .xls"): Target("", 35_000, 35_000),
    ("sqlite", "export to .xls"): Target("", 35_000, 35_000),
    ("postgresql", "upload of .csv"): Target("", 50_000, 100_000),
    ("sqlite", "upload of .csv"): Target("", 50_000, 100_000),
}
