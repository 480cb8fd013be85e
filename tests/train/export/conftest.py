"""A built dataset with chats of every kind, and a mixture of all its rows."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from doitkit.build import Dataset, build
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture
from doitkit.recipe import Recipe, load_recipe

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather at a place.",
        "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    },
}
RECIPE: dict[str, Any] = {
    "doitkit": 1,
    "name": "chats",
    "sources": {
        "people": {
            "path": "people.jsonl",
            "format": "messages",
            "origin": "human",
            "license": "CC0-1.0",
        },
        "model": {
            "path": "model.jsonl",
            "format": "messages",
            "origin": "synthetic",
            "generator": "some-model",
        },
    },
    "abilities": {
        "chat": {
            "sources": ["people", "model"],
            "evaluate": {"path": "items.jsonl", "format": "messages", "metric": "bits_per_byte"},
        }
    },
    "mixture": {"counts": {"chat": {"human": 12, "synthetic": 8}}},
}


def call(name: str, at: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": json.dumps({"at": at})}}


def tool_chat(at: str, calls: int = 1, *, text: str | None = None) -> dict[str, Any]:
    """Return a row in which the assistant calls tools, hears of them, and answers."""
    return {
        "tools": [TOOL],
        "messages": [
            {"role": "system", "content": f"You know the weather of {at}."},
            {"role": "user", "content": f"How is it in {at}?"},
            {
                "role": "assistant",
                "content": text,
                "tool_calls": [call("weather", f"{at} {n}") for n in range(calls)],
            },
            *({"role": "tool", "content": json.dumps({"degrees": n})} for n in range(calls)),
            {"role": "assistant", "content": f"It is fine in {at}."},
        ],
    }


def people() -> list[dict[str, Any]]:
    plain = [
        {
            "messages": [
                {"role": "user", "content": f"Count to {n}. \u4e00"},
                {"role": "assistant", "content": "one " * n + '"quoted"\nand so on'},
                {"role": "user", "content": "Why?"},
                {"role": "assistant", "content": f"Since you asked, {n} times."},
            ]
        }
        for n in range(1, 8)
    ]
    return [
        *plain,
        tool_chat("Z\u00fcrich"),
        tool_chat("Paris", 2, text="I look."),
        tool_chat("Rome", 3),
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What does <tool_call> mean?"},
                {"role": "assistant", "content": "<tool_call>\nnot JSON\n</tool_call>"},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": "Say a result."},
                {"role": "assistant", "content": "<tool_response>\nhello\n</tool_response>"},
            ]
        },
    ]


def answers() -> list[dict[str, Any]]:
    return [
        {
            "messages": [
                {"role": "user", "content": f"Double {n}."},
                {"role": "assistant", "content": f"It is {2 * n}."},
            ]
        }
        for n in range(8)
    ]


@dataclass(frozen=True)
class Chats:
    """A recipe, its dataset, its mixture of today, and the workspace."""

    recipe: Recipe
    dataset: Dataset
    mixture: Mixture
    workspace: Workspace

    @property
    def rows(self) -> list[list[dict[str, str]]]:
        """The messages of the mixture, in its order."""
        found: list[list[dict[str, str]]] = self.dataset.rows_of(self.mixture)["messages"].to_list()
        return found


Maker = Callable[..., Chats]


def write_rows(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def chats(tmp_path: Path, tiny_model: Path) -> Maker:
    """Make the project, with `train` as given and more rows of people."""

    def make(more: list[dict[str, Any]] | None = None, **training: Any) -> Chats:
        write_rows(tmp_path / "people.jsonl", people() + (more or []))
        write_rows(tmp_path / "model.jsonl", answers())
        item = [{"role": "user", "content": "Held?"}, {"role": "assistant", "content": "Out!"}]
        write_rows(tmp_path / "items.jsonl", [{"messages": item}])
        declared = {"base_model": str(tiny_model), "max_length": 200, **training}
        human = 12 + len(more or [])
        mixture = {"counts": {"chat": {"human": human, "synthetic": 8}}}
        text = yaml.safe_dump(RECIPE | {"train": declared, "mixture": mixture}, sort_keys=False)
        (tmp_path / "chats.yaml").write_text(text, encoding="utf-8")
        recipe = load_recipe(tmp_path / "chats.yaml")
        workspace = Workspace(tmp_path / "ws")
        dataset = build(recipe, workspace)
        today = Mixture.of("today", dataset.supply)
        assert today.total == human + 8
        return Chats(recipe, dataset, today, workspace)

    return make
