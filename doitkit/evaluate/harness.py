"""Scoring one model with lm-evaluation-harness, item by item."""

import contextlib
import io
import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from doitkit.core.errors import EvaluationError, MissingExtraError, ModelError
from doitkit.core.models import completed_tokenizer, loading, require_fit
from doitkit.evaluate.tasks import TaskSet


@dataclass(frozen=True)
class Subject:
    """A model to be scored: a base model, the weights a run put over it, and how to load it."""

    run_id: str
    base_path: str
    weights: Path | None
    method: str
    dtype: str
    device: str
    batch_size: int
    threads: int


def score_items(subject: Subject, tasks: TaskSet) -> dict[str, dict[str, float]]:
    """Return the result on every item: ability -> item id -> value.

    The value is 1 or 0 for right and wrong, and bits per byte of the answer's UTF-8 for a
    log-likelihood task.

    Raises
    ------
    EvaluationError
        If the harness fails on the model or the tasks.
    """
    _quiet()
    try:
        import lm_eval

        from doitkit.evaluate.language_model import LanguageModel
    except ImportError as error:
        raise MissingExtraError("models cannot be scored", extra="eval") from error
    import torch

    torch.set_num_threads(subject.threads)
    model, tokenizer = _load(subject)
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            harness = LanguageModel(
                pretrained=model.to(subject.device).eval(),
                tokenizer=tokenizer,
                add_bos_token=False,
                batch_size=subject.batch_size,
                device=subject.device,
            )
            outcome = lm_eval.simple_evaluate(
                model=harness,
                tasks=list(tasks.names.values()),
                task_manager=_task_manager(str(tasks.folder)),
                log_samples=True,
                bootstrap_iters=0,
            )
    except Exception as error:
        # Of any kind: the harness asserts where others raise.
        raise EvaluationError(
            "the evaluation harness failed",
            where=f"run {subject.run_id}, tasks {tasks.folder}",
            why=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            next_step="run the tasks by hand to see more: lm_eval --include_path with that folder",
        ) from error
    samples = outcome["samples"]
    return {
        ability: {sample["doc"]["item"]: _value(sample) for sample in samples[name]}
        for ability, name in tasks.names.items()
    }


def _value(sample: dict[str, Any]) -> float:
    for metric in ("acc_bytes", "acc", "exact_match"):
        if metric in sample:
            return float(sample[metric])
    log_likelihood = float(sample["filtered_resps"][0][0])
    return -log_likelihood / math.log(2) / len(sample["doc"]["answer"].encode())


@lru_cache(maxsize=4)
def _task_manager(folder: str) -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=folder, include_defaults=False)


def _quiet() -> None:
    os.environ.setdefault("LOGLEVEL", "ERROR")
    os.environ.setdefault("LMEVAL_LOG_LEVEL", "ERROR")


def _load(subject: Subject) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tokenizer = load_tokenizer(subject)
    dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}[subject.dtype]
    full = subject.weights is not None and subject.method == "full"
    source = subject.weights if full else subject.base_path
    with loading(str(source)):
        model: Any = AutoModelForCausalLM.from_pretrained(source, dtype=dtype)
        if subject.weights is not None and subject.method in ("lora", "qlora"):
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, subject.weights)
    require_fit(tokenizer, model)
    return model, tokenizer


def load_tokenizer(subject: Subject) -> Any:
    """Return the tokenizer with which the subject was trained.

    Raises
    ------
    ModelError
        If the model's files are gone or damaged.
    """
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        raise MissingExtraError("models cannot be scored", extra="eval") from error
    if subject.weights is not None and not subject.weights.is_dir():
        raise ModelError(
            "the weights of a trained run are gone",
            where=subject.weights,
            next_step="remove the run's folder and train again",
        )
    source = subject.weights or subject.base_path
    with loading(source):
        found = AutoTokenizer.from_pretrained(source)
    return completed_tokenizer(found)
