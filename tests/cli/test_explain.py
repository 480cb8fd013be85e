"""`doitkit explain`: a page, the list, and what an unknown code says."""

import json

import pytest
import typer
from typer.testing import CliRunner

from doitkit.cli.explain import explain
from doitkit.core.errors import UsageError
from doitkit.recipe.pages import codes, page

app = typer.Typer()
app.command()(explain)


def _shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_page_is_printed_as_it_stands() -> None:
    assert _shown("E104") == page("E104")
    assert _shown("e104") == page("E104")
    found = json.loads(_shown("E104", "--json"))
    assert found == {"code": "E104", "title": "a tab in the indentation", "page": page("E104")}


def test_without_a_code_all_are_listed() -> None:
    lines = _shown().splitlines()
    assert [line.split()[0] for line in lines] == codes()
    assert "E104  a tab in the indentation" in lines
    listed = json.loads(_shown("--json"))
    assert [entry["code"] for entry in listed] == codes()
    assert set(listed[0]) == {"code", "title"}


def test_an_unknown_code_is_a_wrong_request() -> None:
    with pytest.raises(UsageError) as caught:
        _shown("E14")
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith("no error or warning has the code `E14`\n  next:  did you")
