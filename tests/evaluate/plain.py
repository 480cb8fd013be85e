"""A model scored two ways: by the harness, and by plain torch without it."""

import math
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from doitkit.core.models import completed_tokenizer, rendered
from doitkit.evaluate import Subject
from doitkit.evaluate.harness import load_tokenizer, score_items
from doitkit.evaluate.items import Question, questions
from doitkit.evaluate.tasks import write_tasks
from doitkit.recipe.data import EvaluationSet


def subject(folder: Path, **changed: Any) -> Subject:
    given = {
        "run_id": "run",
        "base_path": str(folder),
        "weights": None,
        "method": "none",
        "dtype": "float32",
        "device": "cpu",
        "batch_size": 3,
        "threads": 1,
        **changed,
    }
    return Subject(**given)


def score(
    model: Path | Subject,
    root: Path,
    sets: dict[str, tuple[EvaluationSet, list[dict[str, Any]]]],
    *,
    chat_template: bool = True,
) -> tuple[dict[str, dict[str, float]], dict[str, list[Question]]]:
    scored = model if isinstance(model, Subject) else subject(model)
    items = {name: questions(rows, how) for name, (how, rows) in sets.items()}
    tasks = write_tasks(
        items,
        {name: how for name, (how, _) in sets.items()},
        load_tokenizer(scored),
        chat_template=chat_template,
        root=root / "tasks",
    )
    return score_items(scored, tasks), items


class Plain:
    """A model and its tokenizer, without the harness."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = completed_tokenizer(AutoTokenizer.from_pretrained(folder))
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def nats(self, prompt: str, answer: str) -> float:
        """Return -log p(answer | prompt), token by token."""
        before = self.tokenizer(prompt, add_special_tokens=False).input_ids
        whole = self.tokenizer(prompt + answer, add_special_tokens=False).input_ids
        assert whole[: len(before)] == before
        with torch.inference_mode():
            logits = self.model(torch.tensor([whole])).logits[0].double()
        told = torch.log_softmax(logits, dim=-1)
        return -sum(float(told[at - 1, whole[at]]) for at in range(len(before), len(whole)))

    def said(self, question: str, tokens: int) -> str:
        """Return the likeliest next tokens, one by one."""
        chat = [{"role": "user", "content": question}]
        prompt = rendered(self.tokenizer, chat, prompt=True)
        ids = self.tokenizer(prompt, add_special_tokens=False).input_ids
        start = len(ids)
        with torch.inference_mode():
            while len(ids) < start + tokens:
                token = int(self.model(torch.tensor([ids])).logits[0, -1].argmax())
                if token == self.tokenizer.eos_token_id:
                    break
                ids.append(token)
        return str(self.tokenizer.decode(ids[start:], skip_special_tokens=True)).strip()

    def bits_per_byte(self, item: Question) -> float:
        prompt = rendered(self.tokenizer, item.messages, prompt=True)
        return self.nats(prompt, item.answer) / math.log(2) / len(item.answer.encode())

    def choice(self, item: Question, *, per_byte: bool) -> float:
        prompt = rendered(self.tokenizer, item.messages, prompt=True)
        costs = [
            self.nats(prompt, choice) / (len(choice.encode()) if per_byte else 1)
            for choice in item.choices
        ]
        return float(costs.index(min(costs)) == item.gold)
