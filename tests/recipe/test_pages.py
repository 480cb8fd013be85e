"""The pages of `doitkit explain`: one for each code, and true: their examples are carried out."""

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from doitkit.core.errors import DoitkitError, UsageError
from doitkit.plan import Plan, Speed, inventory_of, make_plan
from doitkit.recipe import ProblemsError, Recipe, load_recipe
from doitkit.recipe.document import MOST_VALUES
from doitkit.recipe.expressions import MOST_CHARACTERS, MOST_GROUPS, MOST_IN_PATTERN, MOST_OPERATORS
from doitkit.recipe.extends import MOST_FILES
from doitkit.recipe.file import MOST_BYTES
from doitkit.recipe.pages import codes, index, page, title
from doitkit.survey import survey
from tests.project import write_rows

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "errors" / "README.md"
BASE = """\
doitkit: 1
name: base
sources:
  gsm8k: {path: gsm8k.jsonl, format: prompt_completion, origin: human, license: MIT}
  gpt4-math: {path: gpt4.jsonl, format: prompt_completion, origin: synthetic, generator: gpt-4, license: MIT}
  mbpp: {path: mbpp.jsonl, format: prompt_completion, origin: human, license: MIT}
abilities:
  math:
    sources: [gsm8k, gpt4-math]
    evaluate: {path: test.jsonl, format: prompt_completion, metric: bits_per_byte}
  code:
    sources: [mbpp]
    evaluate: {path: mbpp-test.jsonl, format: prompt_completion, metric: bits_per_byte}
"""  # noqa: E501 - as it would be written
LADDER = "ladder: {sizes: [8, 32], designs: [{design: unbalanced, runs: 4}]}\n"
OF_PLANS = [code for code in codes() if code.startswith("E3")] + ["W202", "W209", "W210"]
OF_RECIPES = [code for code in codes() if not code.startswith("E4")]
"""Those of tables are carried out in tests/cli/test_recommend_pages.py."""
SPEED = {"models/base": Speed("cpu", start_s=10.0, s_per_token=0.1, runs=3)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the examples name."""
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "recipe.yaml").write_text(BASE + LADDER)
    (tmp_path / "circle.yaml").write_text("extends: circle.yaml\n")
    (tmp_path / "latin1.yaml").write_bytes(BASE.replace("name: base", "name: é").encode("latin1"))
    with (tmp_path / "export.jsonl").open("wb") as stream:
        stream.truncate(5_000_000)
    for name, word in (
        ("gsm8k", "sum"), ("gpt4", "sum"), ("other-questions", "product"), ("mbpp", "program"),
        ("test", "held-out sum"), ("mbpp-test", "held-out program"),
    ):  # fmt: skip
        write_rows(
            tmp_path / f"{name}.jsonl",
            ({"prompt": f"{word} {i}?", "completion": f"{name}: {i}"} for i in range(40)),
        )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOITKIT_DATA", str(tmp_path))
    return tmp_path


def _example(code: str, which: str) -> tuple[str, str]:
    """Return the language and the text of an example."""
    found = re.search(rf"^{which}:\n\n```(\w+)\n(.*?)^```$", page(code), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1], found[2]


def _load(code: str, which: str) -> Recipe:
    language, text = _example(code, which)
    if language == "sh":
        words = shlex.split(text)
        assert words[:2] == ["doitkit", "validate"]
        settings: Sequence[str] = words[4:5] if words[3:4] == ["--set"] else ()
        return load_recipe(words[2], settings=settings)
    # A fragment is laid over the small recipe; a whole recipe says its version itself.
    whole = text if "doitkit:" in text else f"{text}\nextends: base.yaml\n"
    Path("example.yaml").write_text(whole, encoding="utf-8")
    return load_recipe("example.yaml")


def _plan(recipe: Recipe) -> Plan:
    return make_plan(recipe, inventory_of(recipe, survey(recipe)), speeds=SPEED)


def _found(code: str, which: str) -> list[str]:
    """Return the codes of all that is found wrong with an example."""
    try:
        recipe = _load(code, which)
        warnings = _plan(recipe).warnings if code in OF_PLANS else recipe.warnings
        return [warning.code for warning in warnings]
    except ProblemsError as error:
        return [problem.code for problem in error.problems]
    except DoitkitError as error:
        return [str(error.code)]


@pytest.mark.parametrize("code", OF_RECIPES)
def test_the_wrong_example_is_found_wrong_for_this_and_for_nothing_else(
    code: str, folder: Path
) -> None:
    assert set(_found(code, "Wrong")) == {code}


@pytest.mark.parametrize("code", OF_RECIPES)
def test_the_right_example_is_right(code: str, folder: Path) -> None:
    found = _found(code, "Right")
    assert code not in found
    assert [other for other in found if other.startswith("E")] == []


@pytest.mark.parametrize("code", codes())
def test_a_page_is_read_in_one_screen(code: str) -> None:
    text = page(code)
    lines = text.splitlines()
    assert re.fullmatch(rf"# {code}: [a-z].+[^.]", lines[0])
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    prose = text.split("Wrong:")[0].split("\n\n", 1)[1]
    assert 2 <= len(re.findall(r"[.?](?=\s)", prose)) <= 7
    assert _example(code, "Wrong") != _example(code, "Right")


def test_limits_that_pages_name_are_those_of_the_code() -> None:
    assert f"hold {MOST_VALUES:,} values" in page("E108")
    assert f"{MOST_CHARACTERS:,} characters and {MOST_OPERATORS} operators" in page("E108")
    assert f"a pattern {MOST_IN_PATTERN:,}\ncharacters and {MOST_GROUPS} groups" in page("E108")
    assert f"larger than {MOST_BYTES:,} bytes" in page("E110")
    assert f"more than {MOST_FILES} recipes" in page("E114")


def test_every_code_in_the_sources_has_a_page_and_every_page_a_code() -> None:
    used: set[str] = set()
    for file in (ROOT / "doitkit").rglob("*.py"):
        used |= set(re.findall(r'"([EW][1-9]\d\d)"', file.read_text(encoding="utf-8")))
    assert used == set(codes())


def test_the_index_is_current() -> None:
    if os.environ.get("DOITKIT_UPDATE_SNAPSHOTS"):
        INDEX.write_text(index(), encoding="utf-8")
    assert INDEX.read_text(encoding="utf-8") == index()
    assert all(f"[{code}]({code}.md): {title(code)}" in index() for code in codes())


def test_a_code_may_be_written_small() -> None:
    assert page("e104") == page("E104")


@pytest.mark.parametrize(
    ("code", "step"),
    [("E14", "did you mean `E1"), ("E999", "known here: E101,"), ("tabs", "known here: E101,")],
)
def test_an_unknown_code_names_the_nearest(code: str, step: str) -> None:
    with pytest.raises(UsageError, match=f"has the code `{code}`") as caught:
        page(code)
    assert caught.value.next_step is not None
    assert caught.value.next_step.startswith(step)
    assert caught.value.exit_code == 2
