"""The commands, from the arguments to what is printed and the exit code."""

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doitkit.cli.screen import Screen
from doitkit.core.errors import UsageError
from doitkit.core.workspace import Workspace
from doitkit.demo import BASE_MODEL
from doitkit.loop import LoopState
from tests.cli.conftest import refused


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom doitkit.cli import main\nsys.argv = ['doitkit', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'transformers', 'polars', 'pyarrow', 'scipy', 'pydantic', 'openai'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "HEAVY []" in shown.stdout
    for command in (
        *("init", "validate", "plan", "build", "synth", "train", "eval", "recommend"),
        *("report", "loop", "runs", "demo", "schema", "doctor", "diff", "explain"),
        *("inspect", "du", "verify", "gc"),
    ):
        assert f"  {command} " in shown.stdout


def test_a_project_is_started_checked_planned_and_built(doitkit, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert doitkit("init", folder).code == 0
    recipe = folder / "recipe.yaml"
    assert {f.name for f in (folder / "models" / "base").iterdir()} == {
        f.name for f in BASE_MODEL.iterdir()
    }
    assert "abilities: 1, sources: 2" in doitkit("validate", recipe).out

    plan = json.loads(doitkit("plan", recipe, "--json").out)
    assert [s["available"] for s in plan["sources"]] == [12, 8]
    assert plan["usd"] == 0
    shown = doitkit("plan", recipe, "-q").out
    assert "programmatic-8" in shown
    assert "conversions_assistant" in shown

    export = tmp_path / "today.arrow"
    built = json.loads(
        doitkit("build", recipe, "-w", tmp_path / "ws", "--export", export, "--json").out
    )
    assert built["manifest"]["rows_in"] == {"conversions": 12, "conversions_assistant": 8}
    assert (Path(built["folder"]) / "train" / "state.json").is_file()
    assert export.stat().st_size > 0


def test_nothing_is_overwritten(doitkit, tmp_path: Path) -> None:
    assert doitkit("init", tmp_path).code == 0
    again = doitkit("init", tmp_path)
    assert again.code == 2
    assert "there is a recipe already" in again.err


@pytest.mark.parametrize("command", ["train", "eval", "recommend", "loop", "report", "synth"])
def test_every_step_answers_from_a_finished_workspace(
    doitkit, looped: tuple[Path, LoopState], command: str
) -> None:
    folder, state = looped
    arguments = (folder / "recipe.yaml", "-w", folder / "ws")
    answer = doitkit(command, *arguments, "--json")
    assert answer.code == 0, answer.err
    result = json.loads(answer.out)
    if command == "train":
        assert len(result) == state.runs
    elif command == "eval":
        assert len(result) == state.runs  # one ability
    elif command == "recommend":
        assert result["budget"] == 1
    elif command == "loop":
        assert result["check"]["verdict"]
    shown = doitkit(command, *arguments, "-q")
    assert shown.code == 0, shown.err
    assert shown.out.strip()


def test_runs_are_listed(doitkit, looped: tuple[Path, LoopState]) -> None:
    folder, state = looped
    found = json.loads(doitkit("runs", "-w", folder / "ws", "--json").out)
    assert len(found) >= state.runs
    assert "base" in doitkit("runs", "-w", folder / "ws").out


def test_schemas_and_the_doctor(doitkit, tmp_path: Path) -> None:
    assert json.loads(doitkit("schema").out)["title"] == "doitkit recipe"
    columns = json.loads(doitkit("schema", "score").out)["columns"]
    assert columns[0] == {"name": "run_id", "type": "string"}
    assert doitkit("schema", "nothing").code == 2
    examined = doitkit("doctor", "-w", tmp_path / "ws", "--json")
    assert examined.code == 0
    assert {"python", "cores", "workspace"} <= {f["what"] for f in json.loads(examined.out)}


def test_the_version(doitkit) -> None:
    assert doitkit("--version").out.startswith("doitkit 0.")


def edited(project: Path, old: str, new: str) -> Path:
    recipe = project / "recipe.yaml"
    text = recipe.read_text()
    assert old in text
    recipe.write_text(text.replace(old, new))
    return recipe


def test_a_missing_recipe_and_a_missing_file(doitkit, project: Path) -> None:
    refused(doitkit("plan", project / "nowhere.yaml"), 2, "does not exist", "nowhere.yaml")
    (project / "data" / "conversions.jsonl").unlink()
    refused(doitkit("plan", project / "recipe.yaml", "-q"), 2, "no such file", "conversions.jsonl")


def test_an_unknown_key_is_shown_in_its_line(doitkit, project: Path) -> None:
    recipe = edited(project, "    origin: synthetic", "    orign: synthetic")
    refused(doitkit("validate", recipe), 2, "unknown key `orign`", "did you mean `origin`?", "^")


def test_a_source_without_the_fields_of_its_format(doitkit, project: Path) -> None:
    columns = "    columns: {prompt: question, completion: reply}   # what"
    recipe = edited(project, columns, "    # what")
    refused(doitkit("build", recipe, "-w", project / "ws", "-q"), 2, "`prompt`", "columns:")


def test_an_ability_without_data_or_items(doitkit, project: Path) -> None:
    (project / "data" / "conversions-eval.jsonl").write_text("")
    refused(doitkit("plan", project / "recipe.yaml", "-q"), 2, "no evaluation item")
    shutil.copy(project / "data" / "conversions.jsonl", project / "data" / "conversions-eval.jsonl")
    (project / "data" / "conversions-assistant.jsonl").write_text("")
    # Every row of the only other source is an evaluation item now, and is left out for it.
    refused(doitkit("plan", project / "recipe.yaml", "-q"), 2, "no training row", "evaluation item")


def test_an_ability_without_an_evaluation_set(doitkit, project: Path) -> None:
    recipe = project / "recipe.yaml"
    head, _, tail = recipe.read_text().partition("    evaluate:\n")
    recipe.write_text(head + tail[tail.index("# What you hold") :])
    refused(doitkit("validate", recipe), 2, "`evaluate` is missing")


def test_an_empty_mixture(doitkit, project: Path) -> None:
    recipe = edited(
        project,
        "    - {design: unbalanced, runs: 2}",
        "    - {design: explicit, mixtures: {nothing: {counts: {conversions: {programmatic: 0}}}}}",
    )
    refused(doitkit("plan", recipe, "-q"), 2, "`nothing` is empty")


def test_a_size_larger_than_what_there_is(doitkit, project: Path) -> None:
    recipe = edited(project, "sizes: [2, 4, 8] ", "sizes: [2, 4, 900] ")
    refused(doitkit("plan", recipe, "-q"), 2, "900 conversions/programmatic rows wanted, 12 left")


def test_a_model_folder_that_is_none(doitkit, project: Path) -> None:
    recipe = edited(project, "base_model: models/base", "base_model: models/none")
    refused(doitkit("train", recipe, "-w", project / "ws", "-q"), 2, "model folder does not exist")
    (project / "models" / "none").mkdir()
    refused(
        doitkit("train", recipe, "-w", project / "ws", "-q"),
        2,
        "not a Hugging Face model folder",
        "config.json",
    )


def test_a_second_run_in_a_workspace_in_use(doitkit, project: Path) -> None:
    with Workspace(project / "ws").locked("a long training"):
        outcome = doitkit("build", project / "recipe.yaml", "-w", project / "ws", "-q")
    refused(outcome, 1, "the workspace is in use", "a long training")


def test_steps_in_the_wrong_order_say_what_comes_first(doitkit, project: Path) -> None:
    arguments = (project / "recipe.yaml", "-w", project / "ws", "-q")
    refused(doitkit("eval", *arguments), 2, "no run of this recipe is trained", "doitkit train")
    refused(doitkit("report", *arguments), 2, "not trained yet")


def test_names_with_brackets_are_shown_as_they_are(
    doitkit, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = project / "recipe.yaml"
    for name in ("ws[x]", "ws[/b]", "ws:smile:"):
        built = doitkit("build", recipe, "-w", project / name)
        assert built.code == 0
        assert f"dataset: {project / name}" in built.out
    shown = doitkit("doctor", "-w", project / "ws").out
    assert "extra [train]" in shown


def test_progress_shows_brackets_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = Screen()
    assert shown.console.is_terminal
    with shown.task("[b]reading[/c]", 2) as task:
        task.advance(note="[/note]")
    shown.note("[/noted] :smile:")
    err = capsys.readouterr().err
    assert "[b]reading[/c]" in err
    assert "[/noted] :smile:" in err


def test_a_place_that_cannot_be_written(doitkit, project: Path) -> None:
    file = project / "a-file"
    file.write_text("")
    build = ("build", project / "recipe.yaml", "-w", project / "ws", "-q", "--export")
    refused(doitkit(*build, file / "x.arrow"), 1, "a-file", "where:", "why:")
    refused(doitkit("schema", "--write", file), 1, "cannot be read or written", "a-file", "why:")
    refused(doitkit("demo", "-f", file, "-q"), 1, "cannot be read or written", "a-file", "why:")


def test_a_full_disk(doitkit, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("doitkit.core.files.os.fsync", full)
    outcome = doitkit("build", project / "recipe.yaml", "-w", project / "ws", "-q")
    refused(outcome, 1, "the disk is full", "No space left", "free some space")
    assert str(project / "ws") in outcome.err
    assert not list((project / "ws").rglob(".aside-*"))


def test_a_workspace_that_is_none(doitkit, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    refused(doitkit("runs", "-w", tmp_path / "none"), 2, "no workspace", "no such folder")
    refused(doitkit("runs", "-w", file), 2, "no workspace", "it is a file")
    # As JSON: in a table, a line may break within these words.
    examined = doitkit("doctor", "-w", file, "--json")
    assert examined.code == 1
    assert "is a file" in examined.out


def test_a_schema_is_json_with_and_without_being_asked(doitkit) -> None:
    assert doitkit("schema", "--json").out == doitkit("schema").out


def test_a_project_in_a_file(doitkit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(doitkit("init", tmp_path / "file"), 2, "cannot be written", "name another folder")


def test_the_two_demos_work_in_two_folders(doitkit, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(folder: Path, **_: object) -> None:
        raise UsageError("stopped", where=folder, next_step="none")

    monkeypatch.setattr("doitkit.demo.run_demo", stop)
    for arguments, folder in (
        ((), "doitkit-demo"),
        (("--fast",), "doitkit-demo-fast"),
        (("--fast", "-f", "x"), "x"),
    ):
        assert f"where: {folder}\n" in doitkit("demo", *arguments).err


@pytest.mark.parametrize("content", ["", "{}", "[1]", "\x00"])
def test_a_damaged_workspace_is_named_and_can_be_mended(
    doitkit, project: Path, content: str
) -> None:
    build = ("build", project / "recipe.yaml", "-w", project / "ws", "-q", "--json")
    folder = Path(json.loads(doitkit(*build).out)["folder"])
    (folder / "manifest.json").write_text(content)
    refused(doitkit(*build), 1, "file is damaged", "manifest.json", f"remove {folder}, ")
    shutil.rmtree(folder)
    assert doitkit(*build).code == 0

    run = project / "ws" / "runs" / ("ab" * 16) / "run.json"
    run.parent.mkdir(parents=True)
    run.write_text(content)
    refused(doitkit("runs", "-w", project / "ws"), 1, "file is damaged", f"remove {run.parent}, ")
