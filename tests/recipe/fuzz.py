"""A fuzz run over the loader of recipes, by hand.

It needs atheris, which is no dependency of this project, in an environment of its own:

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris .
    mkdir /tmp/corpus && cp recipes/*.yaml tests/recipe/broken/*.yaml /tmp/corpus
    /tmp/fuzz/bin/python -m tests.recipe.fuzz /tmp/corpus -max_total_time=600 -max_len=20000

Every input is a recipe file, of which the first line may hold `--set` values after `#set `. A
run ends at the first input for which the loader does anything but return a recipe or raise a
`RecipeError`; the input is then in a file `crash-...`.
"""

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["doitkit", "yaml"]):
    from doitkit.core.errors import RecipeError
    from doitkit.recipe.load import recipe_from_text

from tests.recipe.mutations import mutated

_FILE = Path(__file__).resolve().parents[2] / "recipes" / "any.yaml"
_SETTINGS = "#set "


def test_one_input(content: bytes) -> None:
    """Load one input."""
    text = content.decode("utf-8", "replace")
    first, _, rest = text.partition("\n")
    settings = first.removeprefix(_SETTINGS).split(" && ") if first.startswith(_SETTINGS) else []
    try:
        recipe_from_text(rest if settings else text, _FILE, data_root="data", settings=settings)
    except RecipeError as error:
        str(error)


def mutate(content: bytes, size: int, seed: int) -> bytes:
    """Change an input as people would, or as libFuzzer does."""
    if seed % 3:
        changed: bytes = atheris.Mutate(content, size)
        return changed
    text = mutated(content.decode("utf-8", "replace"), random.Random(seed))
    return text.encode("utf-8", "replace")[:size]


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input, custom_mutator=mutate)
    atheris.Fuzz()
