"""Evaluation sets as tasks of lm-evaluation-harness: a folder of YAML and JSONL.

The prompts stand in the folder as the model will see them, so the folder can also be run by
hand: `lm_eval --include_path FOLDER --tasks NAME --model_args add_bos_token=False,...`, without
`--apply_chat_template`. Where prompts end in white space, the harness by itself counts that as
part of the answer, which doitkit does not.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from doitkit.core.files import folder_written_aside, read_json, sweep_aside, write_json, write_text
from doitkit.core.hashing import digest, digest_folder, digest_text
from doitkit.core.models import end_marks, opening, rendered
from doitkit.core.version import VERSION
from doitkit.evaluate.items import Question
from doitkit.recipe.data import EvaluationSet

STEP_VERSION = 2
TOKENIZER_FILES = (".json", ".jinja", ".model")
"""Endings of the files of a model folder that decide about its tokenizer."""
_WHOLE = r"\A\s*([\s\S]*?)\s*\Z"


@dataclass(frozen=True)
class TaskSet:
    """A folder of tasks, one per ability, and what of the tokenizer they depend on."""

    folder: Path
    template_hash: str
    names: dict[str, str]
    """Ability -> name of its task."""

    @property
    def id(self) -> str:
        """The content address of the tasks."""
        return self.folder.name


def tasks_key(
    items: dict[str, list[Question]],
    declared: dict[str, EvaluationSet],
    base_path: str,
    *,
    chat_template: bool,
) -> str:
    """Return a name for tasks by what they follow from, the files of the tokenizer included."""
    folder = Path(base_path)
    made_of = digest_folder(folder, TOKENIZER_FILES) if folder.is_dir() else base_path
    asked = {ability: [asdict(q) for q in questions] for ability, questions in items.items()}
    settings = {ability: declared[ability].model_dump(mode="json") for ability in items}
    return digest([VERSION, STEP_VERSION, made_of, chat_template, settings, asked])


def known_tasks(key: str, root: Path) -> TaskSet | None:
    """Return the tasks that were written under `key`, if they are there.

    For reading scores where no tokenizer can be loaded.
    """
    note = root / f"{key}.json"
    if not note.is_file():
        return None
    stored = read_json(note)
    tasks = TaskSet(root / stored["folder"], stored["template_hash"], stored["names"])
    return tasks if tasks.folder.is_dir() else None


def note_tasks(key: str, tasks: TaskSet, root: Path) -> None:
    """Make `tasks` known under `key`, which tells all that they follow from."""
    if known_tasks(key, root) != tasks:
        stored = {"folder": tasks.id, "template_hash": tasks.template_hash, "names": tasks.names}
        write_json(root / f"{key}.json", stored)


def write_tasks(
    items: dict[str, list[Question]],
    declared: dict[str, EvaluationSet],
    tokenizer: Any,
    *,
    chat_template: bool,
    root: Path,
) -> TaskSet:
    """Write the tasks of all abilities for models that share `tokenizer`'s template."""
    template = str(tokenizer.chat_template) if chat_template else ""
    ends = end_marks(tokenizer)
    asked = {
        ability: [_document(q, _prompt(tokenizer, q, chat_template)) for q in questions]
        for ability, questions in items.items()
    }
    settings = {ability: declared[ability].model_dump(mode="json") for ability in items}
    folder = root / digest([VERSION, STEP_VERSION, template, ends, settings, asked])
    names = {ability: f"doitkit_{ability}" for ability in items}
    if not folder.is_dir():
        with folder_written_aside(folder) as aside:
            for ability, documents in asked.items():
                text = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents)
                (aside / f"{names[ability]}.jsonl").write_text(text, encoding="utf-8")
    # A half-written YAML left in there by a kill would be taken for a task.
    sweep_aside(folder)
    for ability, name in names.items():
        # The harness reads data files from where it is started, so the full path stands in the
        # YAML; written anew where it differs, since a workspace may have been moved.
        data = folder.resolve() / f"{name}.jsonl"
        text = yaml.safe_dump(_config(name, data, declared[ability], ends), sort_keys=False)
        file = folder / f"{name}.yaml"
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            beside = root / f"{folder.name}-{name}"
            write_text(beside, text)
            beside.replace(file)
    return TaskSet(folder, digest_text(template), names)


def _document(question: Question, prompt: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "item": question.id,
        "prompt": prompt,
        "answer": question.answer,
    }
    if question.choices:
        document |= {"choices": list(question.choices), "gold": question.gold}
    return document


def _prompt(tokenizer: Any, question: Question, chat_template: bool) -> str:
    if chat_template:
        return rendered(tokenizer, question.messages, prompt=True)
    contents = "\n\n".join(message["content"] for message in question.messages)
    return f"{opening(tokenizer)}{contents}\n"


def _config(name: str, data: Path, declared: EvaluationSet, ends: list[str]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {
            "data_files": {"test": str(data)},
            "cache_dir": str(data.parents[2] / "cache"),
        },
        "test_split": "test",
        # Names of columns, not templates of them: the harness would take a text such as "[1, 2]"
        # that a template gives for a list of answers.
        "doc_to_text": "prompt",
        "target_delimiter": "",
        "metadata": {"version": STEP_VERSION},
    }
    if declared.metric in ("multiple_choice", "choice_likelihood"):
        metric = "acc" if declared.metric == "multiple_choice" else "acc_bytes"
        return config | {
            "output_type": "multiple_choice",
            "doc_to_choice": "choices",
            "doc_to_target": "gold",
            "metric_list": [_metric(metric)],
        }
    if declared.metric == "bits_per_byte":
        # The harness has bits per byte for whole documents only; for an answer given its
        # prompt it gives the log-likelihood, from which the bits follow.
        return config | {
            "output_type": "loglikelihood",
            "doc_to_target": "answer",
            "metric_list": [
                {"metric": "perplexity", "aggregation": "perplexity", "higher_is_better": False}
            ],
        }
    pattern = {
        "function": "regex",
        "regex_pattern": declared.extract or _WHOLE,
        "group_select": -1,
    }
    return config | {
        "output_type": "generate_until",
        "doc_to_target": "answer",
        "generation_kwargs": {
            "until": ends,
            "do_sample": False,
            "max_gen_toks": declared.max_new_tokens,
        },
        "filter_list": [{"name": "extract", "filter": [pattern, {"function": "take_first"}]}],
        "metric_list": [_metric("exact_match", ignore_case=True)],
    }


def _metric(name: str, **options: bool) -> dict[str, Any]:
    return {"metric": name, "aggregation": "mean", "higher_is_better": True, **options}
