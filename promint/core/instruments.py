"""The counters, gauges and histograms of one process, as prometheus-client makes them. Used by
promint.core.measures alone."""

from prometheus_client import Counter, Gauge, Histogram, values

from promint.core.rules import Verdict

NO_VERDICTS = ("replayed", "busy", "outcome_unknown", "fault")
VERDICTS = (*(verdict.value for verdict in Verdict), *NO_VERDICTS)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Instruments:
    def __init__(self, place: str) -> None:
        # The documented way to name the file of a process other than by its number.
        values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]
        self.claims = _by_verdict("promint_claims", "Claims, by what was answered")
        self.validations = _by_verdict("promint_validations", "Validations, by what was answered")
        self.group_size = Histogram(
            "promint_claim_group_size", "Attempts that were committed together", buckets=SIZES
        )
        self.group_seconds = Histogram(
            "promint_claim_group_seconds", "Time to judge and commit a group", buckets=SECONDS
        )
        commits = Histogram("promint_commit_seconds", "Time of a commit", ["of"], buckets=SECONDS)
        self.commit_seconds = {of: commits.labels(of) for of in ("claims", "other")}
        self.waiting = _gauge("promint_claims_waiting", "Attempts that wait for the claim writer")
        self.callers = _gauge("promint_callers", "Connections")
        self.answers = Counter("promint_answers", "Answers over HTTP", ["part", "status"])
        self.turns = Counter("promint_worker_turns", "Turns of the worker", ["chore", "result"])
        self.restarts = Counter("promint_restarts", "Processes started again", ["process"])
        for part in ("claims", "validations", "api", "pages", "connection"):  # the first counts too
            self.answers.labels(part, "503")


def _by_verdict(name: str, words: str) -> dict[str, Counter]:
    counter = Counter(name, words, ["verdict"])
    return {verdict: counter.labels(verdict) for verdict in VERDICTS}


def _gauge(name: str, words: str) -> Gauge:
    """A gauge that is added up over processes. It begins at 0, whatever a process that has died
    left in the file."""
    gauge = Gauge(name, words, multiprocess_mode="livesum")
    gauge.set(0)
    return gauge
