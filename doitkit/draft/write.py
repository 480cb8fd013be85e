"""The text of a drafted recipe, with comments on what was seen and what was guessed."""

import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from doitkit.core.errors import UsageError
from doitkit.core.files import write_text
from doitkit.core.origins import ORIGINS, Origin
from doitkit.draft.assemble import Draft
from doitkit.draft.frame import LOCAL_MODEL, Frame
from doitkit.draft.parts import DraftAbility, DraftRows, DraftSource
from doitkit.draft.quoting import commented, scalar, sequence
from doitkit.draft.seen import by_reason, labels, seen
from doitkit.recipe.load import load_recipe
from doitkit.recipe.model import Recipe
from doitkit.recipe.schema import RECIPE, schema_file
from doitkit.recipe.start import put_schema, require_new

_WIDTH = 100
_EXAMPLE_BUDGET = 100
_EXAMPLE_PRICES: dict[Origin, str] = {"human": "1.0", "synthetic": "0.1", "programmatic": "0.05"}


def write_recipe(draft: Draft, folder: Path, frame: Frame) -> Recipe:
    """Write the recipe of `draft` into `folder`, with its JSON Schema beside it, and load it.

    Raises
    ------
    UsageError
        If there is a recipe already, or the folder cannot be written.
    """
    target = require_new(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / schema_file(RECIPE)).exists():
            put_schema(folder)
        write_text(target, recipe_text(draft, folder, frame))
    except OSError as error:
        raise UsageError(
            "the recipe cannot be written",
            where=folder,
            why=error.strerror or str(error),
            next_step="name another folder",
        ) from error
    return load_recipe(target)


def recipe_text(draft: Draft, folder: Path, frame: Frame) -> str:
    """Return the text of the recipe that is to stand in `folder`."""
    root = Path(os.path.relpath(draft.folder.resolve(), folder.resolve())).as_posix()
    lines = [
        f"# yaml-language-server: $schema={schema_file(RECIPE)}",
        "#",
        *_comment(
            "Drafted by `doitkit init --from`, which looked at the beginning of every file below "
            "`data_root`. Above each source stands what was seen of it; what was guessed says "
            "from what. Look through the guesses, then see what would be done: doitkit plan."
        ),
        "doitkit: 1",
        f"name: {scalar(frame.name)}",
        f"data_root: {scalar(root)}  # relative to this recipe",
        "",
        *_comment(
            "Where rows come from. `origin` says who wrote the answers: human, synthetic (a model) "
            "or programmatic (made and verified by a program)."
        ),
        "sources:",
    ]
    for ability in draft.abilities:
        lines.append(f"  # -- {ability.name} --")
        for source in ability.sources:
            lines += _source(source)
    lines += [
        "",
        "# What the model should be good at: training sources, and held-out items that score it.",
        "abilities:",
    ]
    for ability in draft.abilities:
        lines += _ability(ability)
    lines += ["", *_ladder(draft), "", *_train(frame), "", *_advice(draft, frame)]
    if draft.left_out:
        lines += ["", "# Not used:"]
        for sentence in by_reason(draft.left_out):
            lines += _comment(sentence, "- ", "  ")
    return "\n".join(lines) + "\n"


def _source(source: DraftSource) -> Iterator[str]:
    use = source.uses[0]
    yield f"  {scalar(source.name)}:"
    yield from _indented(_comment(seen(source.looks)), 4)
    yield from _indented(_comment(labels(source)), 4)
    yield from _indented(_declared(source), 4)
    yield f"    origin: {source.origin}  # {_guessed(use.origin_from)}"
    if use.generator is not None:
        yield f"    generator: {scalar(use.generator)}"


def _ability(ability: DraftAbility) -> Iterator[str]:
    rows = ability.evaluate
    choice = _form(rows) == "multiple_choice"
    yield f"  {scalar(ability.name)}:"
    yield from _indented(_listed("sources", [source.name for source in ability.sources]), 4)
    yield "    evaluate:"
    if rows.part is None:
        yield from _indented(_comment(seen(rows.looks)), 6)
        yield from _indented(_comment(labels(rows)), 6)
    else:
        said = (
            "No file holds items for this ability, so rows are kept out of training: those whose "
            f"line in the file, or number in its list, {rows.part.nth} divides. Their answers "
            f"are {rows.uses[0].origin}."
        )
        yield from _indented(_comment(said), 6)
    yield from _indented(_declared(rows), 6)
    yield f"      metric: {'multiple_choice' if choice else 'bits_per_byte'}"
    if ability.items is not None:
        yield f"      items: {ability.items}"


def _declared(rows: DraftRows) -> list[str]:
    """Return the keys by which files are read."""
    use = rows.uses[0]
    look = use.look
    meaning = look.meaning
    assert meaning is not None
    lines: list[str] = []
    if rows.part is None or not rows.part.held_out:
        guesses = (("role", use.role_from), ("ability", use.ability_from))
        said = [
            f"{what} guessed from {said}" for what, said in guesses if not said.startswith("--")
        ]
        lines += _comment("; ".join(said))
    lines += _path(rows.paths)
    lines.append(f"format: {meaning.format}  # guessed from its columns")
    if look.records_at is not None:
        lines.append(f"records_at: {scalar(look.records_at)}")
    if meaning.explode is not None:
        lines.append(f"explode: {scalar(meaning.explode)}")
    if isinstance(look.header, list):
        lines.append(f"header: {sequence(look.header)}  # guessed: the first line is a row")
    if rows.where is not None:
        lines.append(f"where: {scalar(rows.where)}")
    if meaning.columns:
        lines.append("columns:")
        lines += [f"  {name}: {scalar(expression)}" for name, expression in meaning.columns]
    return lines


def _path(paths: Sequence[str]) -> list[str]:
    return [f"path: {scalar(paths[0])}"] if len(paths) == 1 else _listed("path", paths)


def _listed(key: str, texts: Sequence[str]) -> list[str]:
    line = f"{key}: {sequence(texts)}"
    return [line] if len(line) < _WIDTH - 8 else [f"{key}:", *(f"  - {scalar(t)}" for t in texts)]


def _form(rows: DraftRows) -> str:
    meaning = rows.looks[0].meaning
    assert meaning is not None
    return meaning.format


def _guessed(said: str) -> str:
    return f"as said by {said}" if said.startswith("--") else commented(f"guessed from {said}")


def _ladder(draft: Draft) -> list[str]:
    cell = min(draft.supply, key=lambda cell: draft.supply[cell])
    origins = [o for o in ORIGINS if any(c.origin == o for c in draft.supply)]
    sizes = ", ".join(map(str, draft.sizes))
    lines = [
        *_comment(
            "The runs from which growth is read: nested sizes, each origin alone, and uneven "
            f"mixtures. The sizes are what the smallest cell, {cell}, carries: about "
            f"{draft.supply[cell]:,} rows after curation, reckoned from those seen."
        ),
        "ladder:",
        f"  sizes: [{sizes}]  # rows per ability",
        "  designs:",
        "    # Two seeds, to tell a gain from the luck of one.",
        f"    - {{design: balanced, origins: {{{origins[0]}: 1}}, seeds: [1, 2]}}",
        *(f"    - {{design: balanced, origins: {{{origin}: 1}}}}" for origin in origins[1:]),
    ]
    if len(draft.supply) > 1:
        most = len(draft.abilities) * draft.sizes[-1]
        runs = min(8, len(draft.supply) + 1)
        lines += [
            "    # Without runs whose cells differ, nobody could say which data made which score.",
            f"    - {{design: unbalanced, runs: {runs}, max_rows: {most}}}",
        ]
    return lines


def _train(frame: Frame) -> list[str]:
    lines = ["train:", "  profile: embedded-cpu  # a file of `backends/`; keys here override it"]
    if frame.base_model == LOCAL_MODEL:
        lines += [
            "  # The tiny model of `doitkit demo`, which was put beside this recipe: enough to try",
            "  # every step, and no more. Name your own model's folder, or a hub id, in its place.",
        ]
    return [*lines, f"  base_model: {scalar(frame.base_model)}", "  epochs: 2"]


def _advice(draft: Draft, frame: Frame) -> list[str]:
    origins = [o for o in ORIGINS if any(c.origin == o for c in draft.supply)]
    budget = _EXAMPLE_BUDGET if frame.budget is None else frame.budget
    lines = [
        "prices:  # of a row; examples: write down what you pay",
        *(f"  {origin}: {{per_row: {_EXAMPLE_PRICES[origin]}}}" for origin in origins),
        "",
        "advise:",
        f"  budget: {budget:.10g}",
        "  unit: usd",
        f"  reference: {origins[0]}  # the origin in whose rows all others are expressed",
    ]
    if frame.budget is not None:
        return lines
    return [
        "# For advice on what to buy, say what rows cost and what may be spent:",
        *(f"# {line}".rstrip() for line in lines),
    ]


def _comment(text: str, first: str = "", rest: str = "") -> list[str]:
    lines = textwrap.wrap(
        commented(text),
        _WIDTH - 8,
        break_long_words=False,
        break_on_hyphens=False,
        initial_indent=first,
        subsequent_indent=rest,
    )
    return [f"# {line}" for line in lines]


def _indented(lines: Sequence[str], depth: int) -> Iterator[str]:
    return (" " * depth + line for line in lines)
