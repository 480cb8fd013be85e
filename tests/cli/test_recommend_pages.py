"""The examples of the pages about tables are carried out: wrong is wrong, right is right."""

import json
import re
import shlex
from pathlib import Path

import pytest

from doitkit.recipe.pages import codes, page

OF_TABLES = [code for code in codes() if code.startswith("E4")]
FILES = {
    "compositions.csv": "run,web,books\n1,0.6,0.4\n2,0.2,0.8\n3,0.5,0.5\n4,0.1,0.9\n",
    "scores.csv": "run,loss\n1,2.1\n2,2.9\n3,2.2\n4,3.3\n",
    "prices.yaml": "every: {per_row: 1.0}\n",
}
OPTIONS = {"--compositions": "compositions.csv", "--scores": "scores.csv"}
MONEY = {"--prices": "prices.yaml", "--budget": "100"}


def _found(doitkit, code: str, which: str) -> str | None:
    """Return the code of what is found wrong with an example, or None."""
    found = re.search(rf"^{which}:\n\n```(\w+)\n(.*?)^```$", page(code), re.DOTALL | re.MULTILINE)
    assert found is not None
    language, text = found[1], found[2]
    for name, content in FILES.items():
        Path(name).write_text(content)
    said: list[str] = []
    if language == "sh":
        said = shlex.split(text)[2:]
        assert shlex.split(text)[:2] == ["doitkit", "recommend"]
    elif language == "yaml":
        Path("prices.yaml").write_text(text)
    else:
        scores = text.startswith(("run,accuracy", "run,loss"))
        Path("scores.csv" if scores else "compositions.csv").write_text(text)
    tables = OPTIONS | {k: v for k, v in MONEY.items() if k not in said}
    options = [] if "recipe.yaml" in said else [word for pair in tables.items() for word in pair]
    outcome = doitkit("recommend", *said, *options, "--json")
    told = json.loads(outcome.out)
    assert (outcome.code == 2) == ("error" in told)
    return told.get("error", {}).get("code")


@pytest.mark.parametrize("code", OF_TABLES)
def test_the_examples_are_true(
    doitkit, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _found(doitkit, code, "Wrong") == code
    assert _found(doitkit, code, "Right") is None


def test_there_are_such_pages() -> None:
    assert len(OF_TABLES) >= 11
