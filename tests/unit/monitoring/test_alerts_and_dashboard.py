"""The dashboard and the alerts ask for what exists, and send to what is written."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.unit.monitoring.promql import wrong_in

ROOT: Final = Path(__file__).parents[3]
ALERTS: Final = yaml.safe_load((ROOT / "infra/prometheus/alerts.yaml").read_text())
DASHBOARD: Final = json.loads((ROOT / "infra/grafana/dashboard.json").read_text())
OPERATIONS: Final = "docs/operations.md"
ROWS: Final = [
    *("Traffic", "Posting", "Lag", "Dependencies", "Books", "Webhooks", "Streams", "Process"),
]
_DURATION: Final = re.compile(r"\d+[smhd]", re.ASCII)
_TEMPLATED_LABEL: Final = re.compile(r"\{\{ *(?:\$labels\.)?([a-z_]+) *\}\}")


def rules() -> list[Mapping[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def targets() -> list[tuple[str, str, str]]:
    """Title, expression and legend of everything that is drawn."""
    return [
        (panel["title"], target["expr"], target["legendFormat"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ]


EXPRESSIONS: Final = {
    **{rule["alert"]: rule["expr"] for rule in rules()},
    **{f"{title}: {legend}": expression for title, expression, legend in targets()},
}


def anchors(page: str) -> set[str]:
    """The anchors of its headings, as they are made of them where Markdown is shown."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("named", EXPRESSIONS)
def test_an_expression_names_nothing_that_does_not_exist(named: str) -> None:
    assert wrong_in(EXPRESSIONS[named]) == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_what_to_do_and_where_that_is_written(
    rule: Mapping[str, Any],
) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert set(rule["labels"]) == {"severity"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert all(rule["annotations"].values())
    assert _DURATION.fullmatch(rule.get("for", "1m"))
    page, _, section = rule["annotations"]["runbook"].partition("#")
    assert page == OPERATIONS
    assert section in anchors((ROOT / OPERATIONS).read_text())


def test_alerts_have_names_of_their_own_that_operations_know() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    written = (ROOT / OPERATIONS).read_text()
    assert set(re.findall(r"\bCounterfoil[A-Z]\w+", written)) == set(names)


def test_a_text_names_only_labels_that_its_expression_keeps() -> None:
    for rule in rules():
        for text in rule["annotations"].values():
            for label in re.findall(r"\$labels\.([a-z_]+)", text):
                assert label in kept(rule["expr"]), (rule["alert"], label)
    for title, expression, legend in targets():
        for label in _TEMPLATED_LABEL.findall(legend):
            assert label in kept(expression), (title, label)


def kept(expression: str) -> set[str]:
    """The labels by which its result is told apart; those of the scrape where it is not summed."""
    by = re.findall(r"\bby \(([^)]*)\)", expression)
    if by:
        return {label.strip() for one in by for label in one.split(",")}
    return {"job", "instance"}


def test_the_dashboard_has_a_row_for_each_part_and_its_source_is_a_variable() -> None:
    panels = DASHBOARD["panels"]
    assert [one["title"] for one in panels if one["type"] == "row"] == ROWS
    variables = {one["name"]: one["type"] for one in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource": "datasource"}
    drawn = [one for one in panels if one["type"] != "row"]
    sources = [one["datasource"] for panel in drawn for one in (panel, *panel["targets"])]
    assert {one["uid"] for one in sources} == {"${datasource}"}
    assert all(one["description"] for one in drawn)


def test_the_dashboards_panels_are_told_apart_and_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("rate(counterfoil_pages_total[5m])", "counterfoil_pages_total is no metric"),
        ("counterfoil_page_records", "counterfoil_page_records is no metric"),
        ("rate(counterfoil_transactions[5m])", "counterfoil_transactions is no metric"),
        ('counterfoil_retries_total{why="bug"}', "counterfoil_retries_total has no label why"),
        (
            'counterfoil_retries_total{cause=~"kafka|redis"}',
            "cause of counterfoil_retries_total is never redis",
        ),
        (
            'counterfoil_http_requests_total{route="/ready"}',
            "route of counterfoil_http_requests_total is never /ready",
        ),
        ("sum by (shard) (counterfoil_waiters)", "nothing here has a label shard"),
        (
            "counterfoil_waiters and on (shard) counterfoil_waiters",
            "nothing here has a label shard",
        ),
    ],
)
def test_what_does_not_exist_is_found(expression: str, said: str) -> None:
    assert wrong_in(expression) == [said]


def test_what_is_no_promql_is_found() -> None:
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        wrong_in("sum by (partition (counterfoil_waiters)")
