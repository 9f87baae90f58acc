"""What the seed decides: which lists there are, which faults strike when, and what each client
draws. The same seed and commit make the same plan; how calls meet in time is not repeatable."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

STAGE_SECONDS = 5.0  # after so many seconds the next lists are opened
FIRST_FAULT = 3.0

# What each kind of fault does stands in `nemesis`. The two sequences run side by side.
OF_PROCESSES = {
    "postgresql": (
        "kill a web process",
        "kill the other web server",
        "kill the worker",
        "stop a web process",
        "stop the worker",
        "restart the database",
        "restart the web processes one by one",
    ),
    "sqlite": (
        "kill a web process",
        "kill the worker",
        "kill everything",
        "stop a web process",
        "stop the worker",
        "lock the database",
    ),
}
OF_WIRES = {
    "postgresql": (
        "delay the database",
        "cut the database",
        "cut at COMMIT, before it is done",
        "cut at COMMIT, after it is done",
        "swallow what goes to the database",
        "cut the callers",
        "delay the callers",
        "swallow what callers send",
    ),
    "sqlite": (
        "cut the callers",
        "delay the callers",
        "swallow what callers send",
    ),
}


@dataclass(frozen=True)
class Fault:
    kind: str
    at: float  # seconds after the start
    seconds: float
    which: int  # picks one of several processes or wires
    size: float  # 0 to 1

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind}, for {self.seconds:.1f} s"


@dataclass(frozen=True)
class Shape:
    """A list that a stage opens. `ends_in` and `starts_in`: seconds from its creation."""

    role: str
    type: str
    cap: int | None = None
    quantity: int = 0  # of codes
    bound: bool = False
    ends_in: int | None = None
    starts_in: int = 0
    points: int = 0
    tags: tuple[str, ...] = ()
    offer: bool = False


@dataclass(frozen=True)
class Plan:
    database: str
    seed: str
    seconds: float
    clients: int
    of_processes: list[Fault]
    of_wires: list[Fault]
    stages: list[list[Shape]]

    def stream(self, name: str) -> random.Random:
        """The choices of one client or role."""
        return random.Random(f"{self.seed} {self.database} {name}")

    def lines(self) -> Iterator[str]:
        yield f"seed {self.seed}: {self.clients} clients for {self.seconds:.0f} s"
        yield "faults of processes:"
        yield from (f"  {fault}" for fault in self.of_processes)
        yield "faults of wires:"
        yield from (f"  {fault}" for fault in self.of_wires)
        for number, shapes in enumerate(self.stages):
            yield f"stage {number}: " + "; ".join(map(_described, shapes))


def _described(shape: Shape) -> str:
    said = [shape.role, f"cap {shape.cap}" if shape.cap else "", f"{shape.points} points"]
    said += [f"{shape.quantity} codes" if shape.quantity else ""]
    said += [f"ends in {shape.ends_in} s" if shape.ends_in else "", *shape.tags]
    return ", ".join(filter(None, said))


def draw(database: str, seed: str, seconds: float, clients: int) -> Plan:
    chosen = random.Random(f"{seed} {database}")
    stages = int(seconds / STAGE_SECONDS) + 1
    return Plan(
        database,
        seed,
        seconds,
        clients,
        _faults(chosen, OF_PROCESSES[database], seconds),
        _faults(chosen, OF_WIRES[database], seconds),
        [_stage(chosen) for _ in range(stages)],
    )


def _faults(chosen: random.Random, kinds: tuple[str, ...], seconds: float) -> list[Fault]:
    """Every kind once in an order of its own, then again, until the time is over."""
    found: list[Fault] = []
    deck: list[str] = []
    at = FIRST_FAULT
    while at < seconds:
        deck = deck or chosen.sample(kinds, len(kinds))
        fault = Fault(
            deck.pop(),
            round(at, 1),
            round(chosen.uniform(0.5, 4.0), 1),
            chosen.randrange(100),
            round(chosen.random(), 2),
        )
        found.append(fault)
        at += fault.seconds + chosen.uniform(0.5, 3.0)
    return found


def _stage(chosen: random.Random) -> list[Shape]:
    """Lists on which everybody meets at once."""
    codes = chosen.randint(60, 120)
    tag = chosen.choice(("spring", "summer"))
    return [
        Shape("shared", "multi_use", chosen.randint(20, 60), points=7, tags=(tag,)),
        Shape("capped", "single_use", codes // 2, codes, points=11, offer=True),
        Shape("bound", "single_use", quantity=chosen.randint(30, 60), bound=True, points=3),
        Shape(
            "brief",
            "multi_use",
            ends_in=chosen.randint(3, 6),
            starts_in=chosen.randint(0, 2),
            tags=(tag, "brief"),
        ),
        Shape("open", "single_use", quantity=chosen.randint(60, 100), points=5, tags=("open",)),
    ]
