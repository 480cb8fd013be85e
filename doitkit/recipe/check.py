"""What must hold between the parts of a recipe: names that are used must be declared."""

from collections.abc import Iterator

from doitkit.recipe.data import FileSource, SynthesizedSource
from doitkit.recipe.diagnostics import Problem, did_you_mean, problem_at
from doitkit.recipe.document import Document, Path
from doitkit.recipe.experiment import BalancedDesign, ExplicitDesign
from doitkit.recipe.model import Recipe


def problems_of(recipe: Recipe, document: Document) -> list[Problem]:
    """Return every broken reference of a recipe that is otherwise well-formed."""
    found = [
        problem_at(document, path, what, next_step)
        for part in (_sources, _abilities, _mixtures, _advice)
        for path, what, next_step in part(recipe)
    ]
    if recipe.advise is not None and () in document.last_lines:
        what = "a recipe in braces cannot be edited line by line, as the next recipe is made"
        found.append(problem_at(document, (), what, "write it with one key a line"))
    return found


Found = Iterator[tuple[Path, str, str]]


def _sources(recipe: Recipe) -> Found:
    for name, source in recipe.sources.items():
        if recipe.paired and source.weight != 1:
            yield (
                ("sources", name, "weight"),
                "a paired recipe picks by prompt, so weights of sources do not apply",
                "remove `weight`, or remove `paired`",
            )
        if isinstance(source, FileSource):
            if source.origin == "human" and source.generator is not None:
                yield (
                    ("sources", name, "generator"),
                    "a human source has no generator",
                    "remove `generator`, or say `origin: synthetic`",
                )
            continue
        answer = source.answer
        path: Path = ("sources", name, "answer")
        if recipe.curate.dedup == "exact":
            what = (
                "right answers of the generator would be dropped as duplicates of the originals, "
                "and only its mistakes would stay"
            )
            yield path, what, "say `curate: {dedup: within_origin}`"
        if answer.generator not in recipe.generators:
            yield (
                (*path, "generator"),
                f"no generator is named `{answer.generator}`",
                did_you_mean(answer.generator, recipe.generators, "declare it under `generators`"),
            )
        origin_source = recipe.sources.get(answer.prompts_from)
        if origin_source is None:
            yield (
                (*path, "prompts_from"),
                f"no source is named `{answer.prompts_from}`",
                did_you_mean(answer.prompts_from, recipe.sources),
            )
        elif isinstance(origin_source, SynthesizedSource):
            yield (
                (*path, "prompts_from"),
                f"`{answer.prompts_from}` is itself generated",
                "take the prompts from a source that exists as files",
            )


def _abilities(recipe: Recipe) -> Found:
    used: set[str] = set()
    misspelt = False
    for name, ability in recipe.abilities.items():
        for index, source in enumerate(ability.sources):
            path: Path = ("abilities", name, "sources", index)
            if source not in recipe.sources:
                misspelt = True
                what = f"no source is named `{source}`"
                yield path, what, did_you_mean(source, recipe.sources)
            elif source in used:
                yield (
                    path,
                    f"the source `{source}` already belongs to an ability",
                    "a source trains one ability; declare it twice, with different `where`",
                )
            used.add(source)
    for name in recipe.sources:
        # After a misspelt name, a source that seems unused is probably the one that was meant.
        if name not in used and not misspelt and not _only_prompts(recipe, name):
            yield (
                ("sources", name),
                f"the source `{name}` is used by no ability",
                "name it under an ability's `sources`, or remove it",
            )


def _only_prompts(recipe: Recipe, name: str) -> bool:
    return any(s.answer.prompts_from == name for s in recipe.synthesized_sources().values())


def _mixtures(recipe: Recipe) -> Found:
    cells = set(recipe.cells()) if not list(_abilities(recipe)) else None

    def names(path: Path, table: dict[str, dict[str, float]] | None) -> Found:
        for ability, origins in (table or {}).items():
            if ability not in recipe.abilities:
                what = f"no ability is named `{ability}`"
                yield (*path, ability), what, did_you_mean(ability, recipe.abilities)
                continue
            for origin, amount in origins.items():
                if cells is not None and amount > 0 and (ability, origin) not in cells:
                    yield (
                        (*path, ability, origin),
                        f"`{ability}` has no {origin} source",
                        "add such a source to the ability, or set this to 0",
                    )

    yield from names(("mixture", "counts"), _plain(recipe.mixture.counts))
    yield from names(("mixture", "weights"), _plain(recipe.mixture.weights))
    for index, design in enumerate(recipe.ladder.designs if recipe.ladder is not None else []):
        if isinstance(design, ExplicitDesign):
            for name, counts in design.mixtures.items():
                path: Path = ("ladder", "designs", index, "mixtures", name)
                yield from names(path, _plain(counts))
        elif isinstance(design, BalancedDesign):
            yield from _origins(recipe, ("ladder", "designs", index, "origins"), design)


def _origins(recipe: Recipe, path: Path, design: BalancedDesign) -> Found:
    held = {source.origin for source in recipe.sources.values()}
    for origin, share in design.origins.items():
        if share > 0 and origin not in held:
            what = f"no source holds {origin} rows"
            yield (*path, origin), what, f"choose among: {', '.join(sorted(held))}"


def _plain(table: object) -> dict[str, dict[str, float]] | None:
    return table if isinstance(table, dict) else None


def _advice(recipe: Recipe) -> Found:
    if recipe.advise is None:
        return
    origins = {source.origin for source in recipe.sources.values()}
    for origin in sorted(origins - set(recipe.prices)):
        yield (
            ("prices",) if recipe.prices else ("advise",),
            f"no price is given for {origin} rows",
            f"add `{origin}: {{per_row: ...}}` to `prices`",
        )
    if recipe.advise.reference not in origins:
        yield (
            ("advise", "reference"),
            f"no source has the reference origin {recipe.advise.reference}",
            f"choose one of: {', '.join(sorted(origins))}",
        )
    if not any(ability.weight for ability in recipe.abilities.values()):
        yield (
            ("abilities", next(iter(recipe.abilities)), "weight"),
            "all abilities have the weight 0, so there is nothing to advise on",
            "give some ability a weight above 0",
        )
