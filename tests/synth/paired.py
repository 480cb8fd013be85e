"""A project in which a model at an endpoint answers the prompts that people answered."""

from pathlib import Path

from doitkit.core.workspace import Workspace
from doitkit.recipe import Recipe, load_recipe
from tests.project import write_rows

RECIPE = """\
doitkit: 1
name: paired
seed: 3
paired: true
sources:
  people:
    path: people.jsonl
    format: messages
    origin: human
  teacher-answers:
    answer: {{prompts_from: people, generator: teacher, rows: {rows}{instruction}}}
generators:
  teacher:
    provider: openai
    model: teacher-1
    base_url: {url}
    api_key_env: TEACHER_KEY
    max_new_tokens: 20
    usd_per_1k_input: {price}
    usd_per_1k_output: {price}
caps: {{usd: {usd}, requests: {requests}}}
abilities:
  talk:
    sources: [people, teacher-answers]
    evaluate: {{path: test.jsonl, format: prompt_completion, metric: bits_per_byte}}
curate: {{dedup: within_origin}}
"""


def write_paired(
    folder: Path,
    url: str,
    *,
    rows: int,
    price: float = 0.0,
    usd: float = 0.0,
    requests: int = 10_000,
    instruction: str | None = None,
) -> Path:
    """Write rows of people, a test set and a recipe; return the recipe's file."""
    write_rows(
        folder / "people.jsonl",
        (
            {
                "messages": [
                    *([{"role": "system", "content": f"You are {i}."}] if i % 2 else []),
                    {"role": "user", "content": f"What comes after {i}?"},
                    {"role": "assistant", "content": f"{i + 1}, I think."},
                ]
            }
            for i in range(rows)
        ),
    )
    write_rows(folder / "test.jsonl", [{"prompt": "What comes after zero?", "completion": "one"}])
    file = folder / "recipe.yaml"
    told = f", instruction: {instruction!r}" if instruction is not None else ""
    file.write_text(
        RECIPE.format(url=url, rows=rows, price=price, usd=usd, requests=requests, instruction=told)
    )
    return file


def load_paired(
    folder: Path, url: str, *, rows: int, price: float = 0.0, usd: float = 0.0
) -> tuple[Recipe, Workspace]:
    """Write the project; return its recipe and a workspace beside it."""
    file = write_paired(folder, url, rows=rows, price=price, usd=usd)
    return load_recipe(file), Workspace(folder / "ws")
