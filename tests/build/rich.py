"""A small project in which every step of curation finds something, and most answers are told."""

from pathlib import Path

from doitkit.recipe import Recipe, load_recipe
from tests.project import RECIPE, write_project

MORE = """
description: "Sums & words | *for tests*"
curate:
  max_chars: 200
  near: {similarity: 0.6, ngram: 2}
  filters:
    boilerplate: {phrases: [happy to help]}
    personal: {kinds: [email], then: flag}
prices: {human: {per_row: 2.0}, synthetic: {per_1k_tokens: 0.5}}
advise: {budget: 10, unit: credits}
"""

_ROWS = {
    "sums-human.jsonl": [
        # A copy, a near-copy, an item, one that is too long, a broken one, and an address.
        '{"prompt": "3 + 3?", "completion": "It is 6."}',
        '{"prompt": "What is the sum of the two numbers four and five?", "completion": "Nine."}',
        '{"prompt": "What is the sum of the two numbers four and six?", "completion": "Nine."}',
        '{"prompt": "1003 + 1003?", "completion": "Two thousand and six."}',
        '{"prompt": "Count far.", "completion": "%s"}' % ("one two three " * 30),
        "broken",
        '{"prompt": "Whom do I ask?", "completion": "Ask somebody@example.com instead."}',
    ],
    "sums-model.jsonl": ['{"prompt": "Help?", "completion": "Certainly, happy to help!"}'],
}


def write_rich(folder: Path, more: str = MORE, *, rows: int = 40) -> Path:
    """Write the project and return its recipe."""
    recipe = RECIPE.replace("license: CC0-1.0", "license: CC0-1.0 (as stated | by *them*)")
    path = write_project(folder, more, rows=rows, recipe=recipe)
    for name, more_rows in _ROWS.items():
        with (folder / name).open("a") as file:
            file.writelines(f"{row}\n" for row in more_rows)
    return path


def load_without_items(folder: Path) -> Recipe:
    """Write a small project that scores nothing, and load its recipe."""
    kept = RECIPE.partition("    evaluate: {")[0]
    words = "  words:\n    sources: [words-by-people]\n"
    none = "    evaluate: none\n"
    return load_recipe(write_project(folder, recipe=f"{kept}{none}{words}{none}"))
