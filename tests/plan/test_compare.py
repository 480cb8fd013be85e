"""Two plans side by side."""

from pathlib import Path

from doitkit.plan import Plan, compare, inventory_of, make_plan
from doitkit.survey import survey
from tests.project import load_project

LADDER = """
mixture: {counts: {sums: {human: 12}}}
ladder: {sizes: [4, 16], designs: [{design: balanced, origins: {human: 1}}]}
"""


def _plan(folder: Path, more: str) -> Plan:
    folder.mkdir(exist_ok=True)
    recipe = load_project(folder, more)
    return make_plan(recipe, inventory_of(recipe, survey(recipe)))


def test_a_plan_agrees_with_itself(tmp_path: Path) -> None:
    plan = _plan(tmp_path, LADDER)
    found = compare(plan, plan)
    assert found.same
    assert found.as_json()["same"] is True
    assert sum(len(section.rows) for section in found.sections) > 20


def test_what_differs_stands_beside_what_it_was(tmp_path: Path) -> None:
    before = _plan(tmp_path / "a", LADDER)
    after = _plan(tmp_path / "b", LADDER.replace("12", "20").replace("16]", "32]"))
    found = compare(before, after)
    differing = {
        (section.title, row.what, row.quantity): (row.first, row.second)
        for section in found.sections
        for row in section.rows
        if not row.same
    }
    assert differing["today's mixture", "sums/human", "rows"] == (12, 20)
    assert differing["runs", "human-16", "rows"] == (32, None)
    assert differing["runs", "human-32", "rows"] == (None, 64)
    assert differing["sources", "sums/human: sums-by-people", "taken"] == (16, 32)
    assert ("runs", "human-4", "rows") not in differing
    assert not found.same
