"""How far a look at real files says what people wrote into recipes for them."""

import time
from pathlib import Path

import polars as pl

from doitkit.draft import FileUse, Wishes, guess
from doitkit.recipe import load_recipe
from doitkit.recipe.data import FileSource, Rows
from doitkit.source.files import resolve
from doitkit.source.kind import KINDS
from doitkit.source.look import Look, files_below, look_at

_ANSWER = {"alpaca": "output", "prompt_completion": "completion", "multiple_choice": "answer"}
_PROMPT = {"alpaca": "instruction", "prompt_completion": "prompt", "multiple_choice": "prompt"}


def test_every_file_is_looked_at_in_seconds(data_folder: Path) -> None:
    folder = data_folder / "instructions"
    start = time.monotonic()
    looks = [look_at(path, folder) for path in files_below(folder)]
    assert time.monotonic() - start < 60
    data = [look for look in looks if look.kind in KINDS]
    assert all(look.usable or look.why for look in data)
    # The others hold no prompt with its answer, several right answers, or chats of another form.
    assert (len(data), sum(look.usable for look in data)) == (216, 178)


def test_the_shipped_recipes_are_mostly_what_is_detected(data_folder: Path) -> None:
    folder = data_folder / "instructions"
    agreed: list[bool] = []
    origins: list[bool] = []
    for name, below in (("english-abilities", ""), ("gaokao-paired", "gaokao_bench")):
        recipe = load_recipe(name, data_root=folder / below)
        declared: dict[str, Rows] = dict(recipe.file_sources())
        declared |= {f"{ability}.evaluate": a.evaluate for ability, a in recipe.abilities.items()}
        for source, rows in declared.items():
            for path in resolve(source, rows.path, folder / below):
                look = look_at(path, folder)
                agreed.append(_agree(look, rows))
                if isinstance(rows, FileSource):
                    origins.append(_use(look, folder).origin == rows.origin)
    # The others: choices that the recipe makes itself, a question's choices where the recipe wants
    # a text, and three files that are not understood.
    assert (len(agreed), sum(agreed)) == (40, 24)
    assert (len(origins), sum(origins)) == (27, 25)


def _use(look: Look, folder: Path) -> FileUse:
    return guess([look], folder, Wishes())[0]


def _agree(look: Look, rows: Rows) -> bool:
    """Say whether a file is read alike: one format, one answer, and no other text as the prompt."""
    if look.meaning is None or look.meaning.format != rows.format:
        return False
    detected = dict(look.meaning.columns)
    same = (look.records_at, look.header, look.meaning.explode) == (
        rows.records_at,
        rows.header,
        rows.explode,
    )
    return same and all(
        _used(detected, key) <= _used(rows.columns, key)
        for key in (_ANSWER[rows.format], _PROMPT[rows.format])
    )


def _used(columns: dict[str, str], key: str) -> set[str]:
    return set(pl.sql_expr(columns[key]).meta.root_names()) if key in columns else {key}
