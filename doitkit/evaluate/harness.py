"""Scoring one model with lm-evaluation-harness, item by item."""

import contextlib
import io
import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from doitkit.core.errors import EvaluationError, MissingExtraError
from doitkit.core.models import completed_tokenizer
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
    _quiet(tasks.folder)
    try:
        import lm_eval
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise MissingExtraError("models cannot be scored", extra="eval") from error
    import torch

    torch.set_num_threads(subject.threads)
    model, tokenizer = _load(subject)
    model.to(subject.device).eval()
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            harness = HFLM(
                pretrained=model,
                tokenizer=tokenizer,
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
    except (RuntimeError, ValueError, KeyError, OSError) as error:
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
    for metric in ("acc_norm", "acc", "exact_match"):
        if metric in sample:
            return float(sample[metric])
    log_likelihood = float(sample["filtered_resps"][0][0])
    return -log_likelihood / math.log(2) / len(sample["doc"]["answer"].encode())


@lru_cache(maxsize=4)
def _task_manager(folder: str) -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=folder, include_defaults=False)


def _quiet(folder: Path) -> None:
    """Keep the harness from asking a hub for local data, and its caches inside the workspace."""
    os.environ.setdefault("HF_DATASETS_CACHE", str(folder.parent.parent / "cache"))
    os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
    os.environ.setdefault("LOGLEVEL", "ERROR")
    os.environ.setdefault("LMEVAL_LOG_LEVEL", "ERROR")


def _load(subject: Subject) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}[subject.dtype]
    full = subject.weights is not None and subject.method == "full"
    model: Any = AutoModelForCausalLM.from_pretrained(
        subject.weights if full else subject.base_path, dtype=dtype
    )
    if subject.weights is not None and subject.method == "lora":
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, subject.weights)
    return model, load_tokenizer(subject)


def load_tokenizer(subject: Subject) -> Any:
    """Return the tokenizer with which the subject was trained."""
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        raise MissingExtraError("models cannot be scored", extra="eval") from error
    found = AutoTokenizer.from_pretrained(subject.weights or subject.base_path)
    return completed_tokenizer(found)
