"""Each query of the dashboard for Grafana and of the alert rules asks for figures that a real
server tells, by labels that they have."""

import json
import re
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests import databases
from tests.installed import ROOT
from tests.integration.server.test_metrics import LABELS
from tests.servers import Server, wait_until

MONITORING = ROOT / "deploy" / "monitoring"
Figures = dict[str, dict[str, set[str]]]  # the values of each label, by name of the figure

ADDED = {"instance", "job"}  # by Prometheus
WORDS = {"sum", "min", "max", "count", "by", "rate", "increase", "absent", "histogram_quantile"}
SELECTED = re.compile(r"(\w+)\{([^}]*)\}")
MATCHED = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def of_the_dashboard() -> list[str]:
    board = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def of_the_alerts() -> list[str]:
    return [rule["expr"] for rule in rules()]


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    return list(group["rules"])


@pytest.fixture(scope="module")
def figures(migrated: None, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    with Server.on_this_database(tmp_path_factory.mktemp("figures")) as server:
        port = databases.free_port()
        server._serve("up", {"PROMINT_METRICS": f"{databases.HOST}:{port}"})
        # The worker starts last.
        wait_until(lambda: "promint_worker_turns_total{" in _told(port), 60)
        told = _told(port)
    found: Figures = {}
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def _told(port: int) -> str:
    url = f"http://{databases.HOST}:{port}/metrics"
    return httpx.get(url, trust_env=False, timeout=30).text


def wrong_in(query: str, figures: Figures) -> list[str]:
    """What in a query no server tells."""
    wrong = [
        f"{name}{{{label}{how}{wanted}}}"
        for name, matchers in SELECTED.findall(query)
        for label, how, wanted in MATCHED.findall(matchers)
        if not _can_match(figures.get(name, {}), label, wanted)
    ]
    bare = re.sub(r"\[[^\]]*\]|\{[^}]*\}", "", query)
    groups = {label for group in GROUPED.findall(bare) for label in group.split(", ")}
    named = set(re.findall(r"[a-z_]\w*", GROUPED.sub("", bare))) - WORDS
    known = {label for name in named for label in figures.get(name, {})} | ADDED
    return [*wrong, *sorted(named - figures.keys()), *sorted(groups - known)]


def _can_match(labels: dict[str, set[str]], label: str, wanted: str) -> bool:
    if label in ADDED:
        return True
    possible = set(LABELS.get(label, ())) | labels.get(label, set())
    return label in labels and set(wanted.split("|")) <= possible


@pytest.mark.parametrize("query", [*of_the_dashboard(), *of_the_alerts()])
def test_a_query_asks_for_what_a_server_tells(query: str, figures: Figures) -> None:
    assert not wrong_in(query, figures)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("sum(rate(promint_claim_total[5m]))", ["promint_claim_total"]),
        ('promint_claims_total{verdict="lost"}', ["promint_claims_total{verdict=lost}"]),
        ('promint_callers{part="claims"}', ["promint_callers{part=claims}"]),
        ("sum by (kind) (promint_callers)", ["kind"]),
        ("avg(promint_callers)", ["avg"]),
    ],
)
def test_a_mistake_in_a_query_is_noticed(query: str, wrong: list[str], figures: Figures) -> None:
    assert wrong_in(query, figures) == wrong


def test_every_figure_is_on_the_dashboard(figures: Figures) -> None:
    shown = " ".join(of_the_dashboard())
    names = {re.sub("_(bucket|sum|count|created)$", "", name) for name in figures}
    assert not [name for name in names if name not in shown]


def test_every_alert_says_what_is_wrong_and_what_to_do_first() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "what_to_do"}
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_what_is_said_of_a_group_is_a_label_of_it() -> None:
    for rule in rules():
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            assert f"by ({label})" in rule["expr"]


def test_panels_do_not_cover_each_other() -> None:
    panels = json.loads((MONITORING / "grafana-dashboard.json").read_text())["panels"]
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len({panel["id"] for panel in panels}) == len(panels)
