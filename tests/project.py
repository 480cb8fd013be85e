"""A small project on disk: two abilities, people and a model, and a recipe over them."""

import json
from collections.abc import Iterable
from pathlib import Path

from doitkit.recipe import Recipe, load_recipe

RECIPE = """\
doitkit: 1
name: small
seed: 7
sources:
  sums-by-people:
    path: sums-human.jsonl
    format: prompt_completion
    origin: human
    license: CC0-1.0
  sums-by-model:
    path: sums-model.jsonl
    format: prompt_completion
    origin: synthetic
    generator: some-model
  words-by-people:
    path: words-human.jsonl
    format: prompt_completion
    origin: human
abilities:
  sums:
    sources: [sums-by-people, sums-by-model]
    evaluate: {path: sums-test.jsonl, format: prompt_completion, metric: bits_per_byte}
  words:
    sources: [words-by-people]
    evaluate:
      path: words-test.jsonl
      format: multiple_choice
      metric: multiple_choice
      items: 5
"""


def write_rows(path: Path, rows: Iterable[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_project(folder: Path, more: str = "", *, rows: int = 40, recipe: str = RECIPE) -> Path:
    """Write data files of `rows` rows a source, and the recipe with `more` at its end."""
    write_rows(
        folder / "sums-human.jsonl",
        ({"prompt": f"{i} + {i}?", "completion": f"It is {2 * i}."} for i in range(rows)),
    )
    write_rows(
        folder / "sums-model.jsonl",
        ({"prompt": f"{i} + {i}?", "completion": f"{i} plus {i}: {2 * i}"} for i in range(rows)),
    )
    write_rows(
        folder / "words-human.jsonl",
        ({"prompt": f"Count to {i}.", "completion": "-" * (i % 40 + 1)} for i in range(rows)),
    )
    write_rows(
        folder / "sums-test.jsonl",
        ({"prompt": f"{i} + {i}?", "completion": str(2 * i)} for i in range(1000, 1010)),
    )
    write_rows(
        folder / "words-test.jsonl",
        ({"prompt": f"Word {i}?", "choices": ["yes", "no"], "answer": i % 2} for i in range(10)),
    )
    path = folder / "recipe.yaml"
    path.write_text(recipe + more)
    return path


def load_project(folder: Path, more: str = "", *, rows: int = 40, recipe: str = RECIPE) -> Recipe:
    """Write a small project and load its recipe."""
    return load_recipe(write_project(folder, more, rows=rows, recipe=recipe))


GENERATED = """
curate: {dedup: within_origin}
generators:
  teacher: {provider: local, model: teacher}
"""


def with_answers(rows: int) -> str:
    """Return the recipe with a source that a generator is still to write."""
    answers = f"""\
  answers:
    answer: {{prompts_from: questions, generator: teacher, rows: {rows}}}
  questions:
    path: sums-human.jsonl
    format: prompt_completion
    origin: human
abilities:
"""
    recipe = RECIPE.replace("abilities:\n", answers)
    return recipe.replace("[words-by-people]", "[words-by-people, answers]")
