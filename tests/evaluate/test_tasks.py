"""Tasks on disk: named by content, readable by the harness, true after a move."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from doitkit.core.errors import ModelError
from doitkit.core.models import completed_tokenizer
from doitkit.evaluate.items import questions
from doitkit.evaluate.tasks import TaskSet, known_tasks, note_tasks, tasks_key, write_tasks
from tests.evaluate.items import declared, row
from tests.models import byte_tokenizer
from tests.train.templates import FORMATS

ROWS = [row("Who?", "me"), row("What?", "that"), row("Where?", "here")]


def tokenizer(name: str = "chatml") -> Any:
    form = FORMATS[name]
    made = byte_tokenizer(form.template, list(form.special), eos=form.eos, bos=form.bos)
    return completed_tokenizer(made)


def write(
    root: Path,
    made: Any = None,
    *,
    rows: list[dict[str, Any]] = ROWS,
    metric: str = "exact_match",
    names: tuple[str, ...] = ("words",),
    chat_template: bool = True,
    **settings: Any,
) -> TaskSet:
    how = declared(metric, **settings)
    return write_tasks(
        {name: questions(rows, how) for name in names},
        dict.fromkeys(names, how),
        made or tokenizer(),
        chat_template=chat_template,
        root=root,
    )


def documents(tasks: TaskSet, name: str = "words") -> list[dict[str, Any]]:
    lines = (tasks.folder / f"doitkit_{name}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def config(tasks: TaskSet, name: str = "words") -> dict[str, Any]:
    loaded = yaml.safe_load((tasks.folder / f"doitkit_{name}.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_prompts_stand_there_as_the_model_will_see_them(tmp_path: Path) -> None:
    assert documents(write(tmp_path))[0] == {
        "item": ROWS[0]["id"],
        "prompt": "<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\n",
        "answer": "me",
    }
    plain = write(tmp_path, chat_template=False)
    assert documents(plain)[0]["prompt"] == "Who?\n"
    assert plain.template_hash != write(tmp_path).template_hash


def test_without_a_template_the_text_opens_as_the_tokenizer_does(tmp_path: Path) -> None:
    made = completed_tokenizer(byte_tokenizer(None, [], bos="<s>", adds_bos=True))
    assert documents(write(tmp_path, made, chat_template=False))[0]["prompt"] == "<s>Who?\n"
    assert documents(write(tmp_path, made))[0]["prompt"].startswith("<s>### Instruction:\nWho?")


def test_equal_tasks_share_a_folder_and_others_do_not(tmp_path: Path) -> None:
    folder = write(tmp_path).folder
    stat = (folder / "doitkit_words.jsonl").stat()
    assert write(tmp_path).folder == folder
    assert (folder / "doitkit_words.jsonl").stat().st_mtime_ns == stat.st_mtime_ns
    others = [
        write(tmp_path, rows=ROWS[:2]),
        write(tmp_path, tokenizer("zephyr")),
        write(tmp_path, metric="bits_per_byte"),
        write(tmp_path, max_new_tokens=9),
        write(tmp_path, chat_template=False),
        write(tmp_path, names=("verbs",)),
    ]
    assert len({folder, *(other.folder for other in others)}) == len(others) + 1


def test_models_that_end_their_answers_differently_share_no_tasks(tmp_path: Path) -> None:
    template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    one = completed_tokenizer(byte_tokenizer(template, [], eos="<one>"))
    two = completed_tokenizer(byte_tokenizer(template, [], eos="<two>"))
    first, second = write(tmp_path, one), write(tmp_path, two)
    assert config(first)["generation_kwargs"]["until"] == ["<one>"]
    assert config(second)["generation_kwargs"]["until"] == ["<two>"]


def test_answers_end_at_the_mark_of_the_template(tmp_path: Path) -> None:
    until = config(write(tmp_path, tokenizer("gemma")))["generation_kwargs"]["until"]
    assert until == ["<end_of_turn>", "<eos>"]


def test_abilities_with_similar_names_have_tasks_of_their_own(tmp_path: Path) -> None:
    tasks = write(tmp_path, names=("a.b", "a-b", "a_b"))
    assert len(set(tasks.names.values())) == 3
    assert len(list(tasks.folder.glob("*.jsonl"))) == 3


def test_a_moved_workspace_names_its_files_anew(tmp_path: Path) -> None:
    old = write(tmp_path / "old" / "tasks")
    shutil.move(tmp_path / "old", tmp_path / "new")
    tasks = write(tmp_path / "new" / "tasks")
    assert tasks.id == old.id
    kwargs = config(tasks)["dataset_kwargs"]
    assert Path(kwargs["data_files"]["test"]).is_file()
    assert str(tmp_path / "old") not in json.dumps(kwargs)


@pytest.mark.parametrize(
    ("metric", "output", "measured"),
    [
        ("exact_match", "generate_until", "exact_match"),
        ("choice_likelihood", "multiple_choice", "acc_bytes"),
        ("bits_per_byte", "loglikelihood", "perplexity"),
    ],
)
def test_each_metric_is_a_task_of_its_kind(
    tmp_path: Path, metric: str, output: str, measured: str
) -> None:
    found = config(write(tmp_path, metric=metric))
    assert found["output_type"] == output
    assert [m["metric"] for m in found["metric_list"]] == [measured]


def test_a_template_that_refuses_an_item_is_said(tmp_path: Path) -> None:
    rows = [row("Who?", "me", system="Be brief.")]
    with pytest.raises(ModelError, match="refuses a chat"):
        write(tmp_path, tokenizer("gemma"), rows=rows)


def test_what_a_kill_left_behind_is_no_task(tmp_path: Path) -> None:
    tasks = write(tmp_path)
    (tasks.folder / ".aside-1-doitkit_words.yaml").write_text("task: doitkit_words")
    again = write(tmp_path)
    assert again == tasks
    assert sorted(p.name for p in tasks.folder.iterdir()) == [
        "doitkit_words.jsonl",
        "doitkit_words.yaml",
    ]
    assert [p for p in tmp_path.iterdir() if p.is_file()] == []


def test_tasks_are_known_by_what_they_follow_from(tmp_path: Path) -> None:
    tasks = write(tmp_path / "tasks")
    model = tmp_path / "model"
    model.mkdir()
    (model / "tokenizer.json").write_text("{}")

    def key(answer: str = "me", **how: Any) -> str:
        settings = declared("exact_match", **how)
        asked = {"words": questions([row("Who?", answer)], settings)}
        return tasks_key(asked, {"words": settings}, str(model), chat_template=True)

    first = key()
    note_tasks(first, tasks, tmp_path / "tasks")
    assert known_tasks(first, tmp_path / "tasks") == tasks
    keys = {first, key("you"), key(max_new_tokens=9)}
    (model / "tokenizer.json").write_text("{ }")
    keys.add(key())
    assert len(keys) == 4
    assert known_tasks(key(), tmp_path / "tasks") is None
    shutil.rmtree(tasks.folder)
    assert known_tasks(first, tmp_path / "tasks") is None
