"""The recipe in the README is a recipe, and its commands are commands."""

import re
from pathlib import Path

from typer.testing import CliRunner

from doitkit.cli.commands import app
from doitkit.recipe import load_recipe

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_recipe_is_valid(tmp_path: Path) -> None:
    text = README.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "readme.yaml").write_text(text, encoding="utf-8")
    assert load_recipe(tmp_path / "readme.yaml").name == "my-model"


def test_every_command_is_named() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    commands = set(re.findall(r"^  ([a-z]+)  +[A-Z]", shown, re.MULTILINE))
    assert len(commands) == 23
    assert {word for word in commands if f"doitkit {word}" not in README} <= {"demo"}


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert "docs/images/report.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
