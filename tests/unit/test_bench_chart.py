"""The chart of what a bench measured."""

from bench.chart import chart

RUN = {
    "figures": [
        {
            "database": "postgresql",
            "what": "one hot capped code, one process",
            "measured": 300.0,
            "unit": "claims/s",
            "against": {"function.sql": 150.0, "peer.sql": 100.0},
        },
        {
            "database": "postgresql",
            "what": "one claim alone, p50",
            "measured": 1.25,
            "unit": "ms",
            "against": {},
        },
        {"database": "sqlite", "what": "no target", "measured": 1, "unit": "ms", "against": {}},
    ]
}


def test_a_bar_reaches_the_line_where_a_figure_is_what_it_should_be_at_least() -> None:
    head, hot, alone = chart(RUN).splitlines()
    assert head.startswith("postgresql")
    assert head.endswith("at least")
    assert hot.endswith("2 x     " + "█" * 8 + " " * 8 + "|")  # 2 times instead of 4 times
    assert alone.endswith("1.25 ms    " + "█" * 16 + "|" + "█" * 16)  # half of what it may take
