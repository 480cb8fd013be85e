"""Filters of other packages: found by their entry points, and held to their contract."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from doitkit.core.errors import UsageError
from doitkit.curate.filters import RowFilter, left_out, require_plugins
from doitkit.recipe.filters import Filters
from tests.curate.filters.made import answers, reasons

MODULE = """
import polars as pl

def no_shouting(parameters):
    most = parameters.get("most", 0.5)
    if not 0 < most < 1:
        raise ValueError(f"`most` is {most}, and should be a share")
    share = pl.col("answer").str.count_matches("[A-Z]") / pl.col("answer").str.len_chars()
    return pl.when(share > most).then(pl.format("{} of it is shouted", share.round(2)))

class NoEcho:
    def __init__(self, parameters):
        self.of = parameters["of"]

    def __call__(self, rows):
        echo = rows["answer"] == rows[self.of]
        return echo.replace_strict({True: f"echo of the {self.of}", False: None},
                                   return_dtype=pl.String)

no_call = 3
no_filter = lambda parameters: 3
of_all = lambda parameters: pl.when(pl.col("turns").sum() > 0).then(pl.lit("all"))
true = lambda parameters: pl.col("answer").is_null()
unknown = lambda parameters: pl.col("replies")
short = lambda parameters: lambda rows: rows["answer"].head(0)
numbers = lambda parameters: lambda rows: rows["turns"]
plain = lambda parameters: lambda rows: ["a"] * len(rows)

def first_only(parameters):
    def reasons(rows):
        if len(rows) > 2:
            raise RuntimeError("too many")
        return rows["generator"]
    return reasons

def failing(parameters):
    def reasons(rows):
        raise RuntimeError("out of order")
    return reasons
"""
NAMES = {
    "no-shouting": "loud:no_shouting",
    "no-echo": "loud:NoEcho",
    "gone": "loud_and_gone:x",
    **{name: f"loud:{name}" for name in (
        "no_call", "no_filter", "of_all", "true", "unknown", "short", "numbers", "plain", "failing",
        "first_only",
    )},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package as an installer does: a module, and what tells its entry points."""
    (tmp_path / "loud.py").write_text(dedent(MODULE))
    told = tmp_path / "loud-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    points = "".join(f"{name} = {value}\n" for name, value in NAMES.items())
    (told / "entry_points.txt").write_text(f"[doitkit.filters]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "loud", raising=False)


def test_an_expression_tells_the_reasons() -> None:
    rows = answers("STOP IT", "please stop", None)
    assert reasons(rows, plugins={"no-shouting": {}}) == ["0.86 of it is shouted", None, None]
    assert reasons(rows, plugins={"no-shouting": {"most": 0.9}}) == [None] * 3


def test_a_function_of_the_rows_tells_the_reasons() -> None:
    rows = answers("Tell me.", "No.", None)
    said = ["echo of the question", None, None]
    assert reasons(rows, plugins={"no-echo": {"of": "question"}}) == said
    assert reasons(rows.head(0), plugins={"no-echo": {"of": "question"}}) == []


def test_they_come_last_and_in_the_order_of_the_recipe() -> None:
    rows = answers("A", "Tell me.", "AB", prompt="A")
    plugins = {"no-echo": {"of": "prompt"}, "no-shouting": {}}
    assert reasons(rows, length={"answer_chars": {"max": 2}}, plugins=plugins) == [
        "echo of the prompt",
        "answer of 8 characters, more than 2",
        "1.0 of it is shouted",
    ]


def _refused(name: str, parameters: dict[str, Any] | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        require_plugins(Filters(plugins={name: parameters or {}}))
    assert caught.value.where == f"curate.filters.plugins.{name}"
    return caught.value


def test_what_is_not_installed_is_told_with_what_is() -> None:
    error = _refused("no-shouts")
    assert error.what == "no filter is named `no-shouts`"
    assert "no-echo, no-shouting" in (error.why or "")
    assert error.next_step == "did you mean `no-shouting`?"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone", "loud_and_gone:x: ModuleNotFoundError"),
        ("no_call", "it is of type int"),
        ("no_filter", "it gives a int"),
        ("of_all", "one value for all rows"),
        ("true", "it gives Boolean"),
        ("unknown", "replies"),
        ("numbers", "a series of UInt32"),
        ("plain", "a list"),
        ("failing", "out of order"),
    ],
)
def test_what_is_no_filter_is_told_before_rows_are_read(name: str, why: str) -> None:
    assert why in (_refused(name).why or "")


def test_parameters_are_refused_in_the_words_of_the_plugin() -> None:
    error = _refused("no-shouting", {"most": 7})
    assert error.what == "the filter `no-shouting` does not take these parameters"
    assert error.why == "`most` is 7, and should be a share"
    assert _refused("no-echo").why == "KeyError: 'of'"


def test_as_many_reasons_as_rows() -> None:
    with pytest.raises(UsageError, match="cannot be carried out") as caught:
        left_out(answers("a", "b"), Filters(plugins={"short": {}}))
    assert caught.value.why == "it gives 0 reasons for 1 rows"


def test_what_fails_at_some_row_is_told_by_its_name() -> None:
    plugins: dict[str, dict[str, Any]] = {"no-shouting": {}, "first_only": {}}
    require_plugins(Filters(plugins=plugins))
    with pytest.raises(UsageError, match="`first_only` cannot be carried out") as caught:
        left_out(answers("a", "b", "c"), Filters(plugins=plugins))
    assert caught.value.why == "too many"


def test_the_protocol_is_what_the_example_is() -> None:
    def example(_parameters: object) -> Callable[..., Any]:
        return lambda rows: rows["answer"]

    plugin: RowFilter = example
    assert callable(plugin({}))
