"""`doitkit init`: the starter project, or a recipe drafted from a folder of data."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from doitkit.cli.options import JsonOption, QuietOption

if TYPE_CHECKING:
    from doitkit.draft import Draft, DraftRows, FileUse
    from doitkit.source.look import Look

Word = TypeVar("Word", bound=str)

_SHOWN = 4


def init(
    folder: Annotated[
        Path, typer.Argument(help="New folder for the recipe, sample data and a tiny base model.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="Look at the files in this folder, and draft a recipe for them.",
        ),
    ] = None,
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="With --from: ask how each file is used.")
    ] = False,
    ability: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB=NAME", help="With --from: the ability of these files."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB=ORIGIN", help="With --from: who wrote the answers in them."),
    ] = None,
    evaluation: Annotated[
        list[str] | None,
        typer.Option("--eval", metavar="GLOB", help="With --from: these files score abilities."),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="With --from: leave these files out."),
    ] = None,
    hold_out: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="With --from: where an ability has no evaluation file, keep N rows for one.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="With --from: name of the recipe, if not the folder's.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="With --from: what may be spent, in USD.")
    ] = None,
    base_model: Annotated[
        str | None,
        typer.Option(help="With --from: folder or hub id of your model, instead of a tiny one."),
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Start a project: a commented recipe, with sample data or (--from) for your own."""
    from doitkit.cli import show
    from doitkit.demo import copy_base_model

    settings = (ability, origin, evaluation, skip, hold_out, name, budget, base_model)
    if data is None:
        _require_none(settings, interactive=interactive)
        from doitkit.recipe.start import start_project

        recipe = start_project(folder)
        copy_base_model(folder)
        if json:
            show.as_json({"recipe": str(recipe)})
        else:
            show.text(f"wrote {recipe}; next: doitkit plan {recipe}")
        return
    from doitkit import draft
    from doitkit.cli.screen import screen
    from doitkit.recipe.start import require_new

    _require_terminal(interactive=interactive)
    recipe = require_new(folder)
    frame = draft.frame_of(folder, name=name, base_model=base_model, budget=budget)
    wishes = draft.Wishes.from_flags(ability or (), origin or (), evaluation or (), skip or ())
    uses = draft.guess(draft.look_around(data, screen(quiet=quiet or json)), data, wishes)
    if interactive:
        uses = _asked(uses)
    found = draft.assemble(uses, data, hold_out)
    draft.write_recipe(found, folder, frame)
    if base_model is None:
        copy_base_model(folder)
    if json:
        show.as_json({"recipe": str(recipe), **found.as_json()})
        return
    _show(found)
    show.text(f"wrote {recipe}; look through the guesses in it; next: doitkit plan {recipe}")


def _require_none(settings: Sequence[Any], *, interactive: bool) -> None:
    from doitkit.core.errors import UsageError

    if interactive or any(setting is not None for setting in settings):
        raise UsageError(
            "these flags say how a recipe is drafted, and none is",
            why="without --from, `init` copies a starter project",
            next_step="name the folder of your data with --from, or leave the other flags out",
        )


def _require_terminal(*, interactive: bool) -> None:
    from doitkit.core.errors import UsageError

    if interactive and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "there is nobody to ask",
            why="--interactive needs a terminal",
            next_step="leave it out, and decide with --ability, --origin, --eval and --skip",
        )


def _asked(uses: Sequence["FileUse"]) -> list["FileUse"]:
    """Ask how each file is used, the guess being the answer that Enter gives."""
    answered: list[FileUse] = []
    for use in uses:
        if use.look.usable:
            what = f"{_rows([use.look])} rows, {_form(use.look)}, {use.look.language}"
            typer.echo(f"\n{use.look.name}: {what}")
            answered.append(_asked_one(use))
        else:
            answered.append(use)
    return answered


def _asked_one(use: "FileUse") -> "FileUse":
    from doitkit.core.origins import ORIGINS
    from doitkit.draft import ROLES, require_name

    role = _choice("  use it for", ROLES, use.role)
    if role != use.role:
        use = replace(use, role=role, role_from="--interactive")
    if role == "skip":
        return use
    name = typer.prompt("  ability", default=use.ability, value_proc=_valid(require_name))
    if name != use.ability:
        use = replace(use, ability=name, ability_from="--interactive")
    if role == "training":
        origin = _choice("  answers written by", ORIGINS, use.origin)
        if origin != use.origin:
            use = use.written_by(origin, "--interactive")
    return use


def _choice(question: str, known: tuple[Word, ...], default: Word) -> Word:
    def known_word(text: str) -> Word:
        for word in known:
            if word.startswith(text):
                return word
        raise ValueError(f"one of: {', '.join(known)}")

    shown = f"{question} ({', '.join(known)})"
    answer: Word = typer.prompt(shown, default=default, value_proc=_valid(known_word))
    return answer


def _valid(read: Callable[[str], Word]) -> Callable[[str], Word]:
    """Return `read` in the form that a prompt asks again with."""

    def value(text: str) -> Word:
        try:
            return read(text.strip())
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return value


def _show(found: "Draft") -> None:
    from doitkit.cli import show
    from doitkit.draft import by_reason

    show.table(
        f"{found.folder}: what was seen",
        ["ability", "role", "files", "#rows", "format", "language", "#chars"],
        [
            _row(ability.name, rows, role)
            for ability in found.abilities
            for rows, role in (
                *((source, f"trains, {source.origin}") for source in ability.sources),
                (ability.evaluate, "scores"),
            )
        ],
    )
    for sentence in by_reason(found.left_out, most=_SHOWN):
        show.text(f"not used: {sentence}")


def _row(ability: str, rows: "DraftRows", role: str) -> tuple[str, ...]:
    look = rows.looks[0]
    more = f" and {len(rows.paths) - 1:,} more" if len(rows.paths) > 1 else ""
    return (
        ability,
        role,
        f"{rows.paths[0]}{more}{'' if rows.part is None else ', in part'}",
        _rows(rows.looks),
        _form(look),
        look.language,
        f"{look.median_chars:,}",
    )


def _rows(looks: Sequence["Look"]) -> str:
    about = "" if all(look.exact for look in looks) else "about "
    return f"{about}{sum(look.rows for look in looks):,}"


def _form(look: "Look") -> str:
    return look.meaning.format if look.meaning else "-"
