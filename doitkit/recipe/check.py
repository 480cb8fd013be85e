"""What must hold between the parts of a recipe: names that are used must be declared."""

from collections.abc import Set as AbstractSet
from itertools import islice

from doitkit.core.origins import Cell
from doitkit.recipe.amounts import Amounts
from doitkit.recipe.data import FileSource, SynthesizedSource
from doitkit.recipe.diagnostics import Found, Problem, did_you_mean, problem_at
from doitkit.recipe.document import MOST_PROBLEMS, Document, Path
from doitkit.recipe.expressions import expression_problems
from doitkit.recipe.filters import LANGUAGES
from doitkit.recipe.flaw import shown
from doitkit.recipe.ladder import BalancedDesign, ExplicitDesign, OneAtATimeDesign
from doitkit.recipe.model import Recipe


def problems_of(recipe: Recipe, document: Document) -> list[Problem]:
    """Return every broken reference of a recipe that is otherwise well-formed."""
    parts = (
        _sources,
        _abilities,
        _languages,
        _mixtures,
        _designs,
        _models,
        _money,
        expression_problems,
    )
    every = (problem for part in parts for problem in part(recipe))
    found = [problem_at(document, *problem) for problem in islice(every, MOST_PROBLEMS)]
    if recipe.advise is not None and () in document.last_lines:
        what = "a recipe in braces cannot be edited line by line, as the next recipe is made"
        found.append(problem_at(document, (), "E151", what, "write it with one key a line"))
    return found


def _sources(recipe: Recipe) -> Found:
    for name, source in recipe.sources.items():
        if recipe.paired and source.weight != 1:
            yield (
                ("sources", name, "weight"),
                "E127",
                "a paired recipe picks by prompt, so weights of sources do not apply",
                "remove `weight`, or remove `paired`",
            )
        if recipe.paired and isinstance(source, FileSource) and source.stratify is not None:
            yield (
                ("sources", name, "stratify"),
                "E127",
                "a paired recipe picks by prompt, so strata of sources do not apply",
                "remove `stratify`, or remove `paired`",
            )
        if isinstance(source, SynthesizedSource):
            yield from _generated(recipe, name, source)
        elif source.origin == "human" and source.generator is not None:
            yield (
                ("sources", name, "generator"),
                "E127",
                "a human source has no generator",
                "remove `generator`, or say `origin: synthetic`",
            )


def _generated(recipe: Recipe, name: str, source: SynthesizedSource) -> Found:
    answer = source.answer
    path: Path = ("sources", name, "answer")
    if recipe.curate.dedup == "exact":
        what = (
            "right answers of the generator would be dropped as duplicates of the originals, "
            "and only its mistakes would stay"
        )
        yield path, "E150", what, "say `curate: {dedup: within_origin}`"
    if answer.generator not in recipe.generators:
        yield (
            (*path, "generator"),
            "E142",
            f"no generator is named `{answer.generator}`",
            did_you_mean(answer.generator, recipe.generators, "declare it under `generators`"),
        )
    origin_source = recipe.sources.get(answer.prompts_from)
    if origin_source is None:
        yield (
            (*path, "prompts_from"),
            "E140",
            f"no source is named `{answer.prompts_from}`",
            did_you_mean(answer.prompts_from, recipe.sources),
        )
    elif isinstance(origin_source, SynthesizedSource):
        yield (
            (*path, "prompts_from"),
            "E150",
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
                yield path, "E140", what, did_you_mean(source, recipe.sources)
            elif source in used:
                yield (
                    path,
                    "E146",
                    f"the source `{source}` already belongs to an ability",
                    "a source trains one ability; declare it twice, with different `where`",
                )
            used.add(source)
    asked = {source.answer.prompts_from for source in recipe.synthesized_sources().values()}
    for name in recipe.sources:
        # After a misspelt name, a source that seems unused is probably the one that was meant.
        if name not in used and not misspelt and name not in asked:
            yield (
                ("sources", name),
                "E147",
                f"the source `{name}` is used by no ability",
                "name it under an ability's `sources`, or remove it",
            )
    if not recipe.evaluation_sets() and (recipe.train or recipe.ladder):
        yield (
            ("abilities",),
            "E121",
            "no ability is evaluated",
            "give some ability a block `evaluate` with held-out items",
        )


def _languages(recipe: Recipe) -> Found:
    declared = recipe.curate.filters.language
    for index, code in enumerate(declared.keep if declared is not None else []):
        if code not in LANGUAGES:
            path: Path = ("curate", "filters", "language", "keep", index)
            what = f"no language that can be told has the code `{shown(code)}`"
            yield path, "E123", what, did_you_mean(code, LANGUAGES)


def _cells(recipe: Recipe) -> set[Cell] | None:
    """Return the cells that have a source; None while a source is misspelt, so any may have."""
    known = all(s in recipe.sources for a in recipe.abilities.values() for s in a.sources)
    return set(recipe.cells()) if known else None


def _mixtures(recipe: Recipe) -> Found:
    cells = _cells(recipe)
    yield from _amounts(recipe, ("mixture",), recipe.mixture, cells)
    for index, design in enumerate(recipe.ladder.designs if recipe.ladder is not None else []):
        if isinstance(design, ExplicitDesign):
            for name, amounts in design.mixtures.items():
                path: Path = ("ladder", "designs", index, "mixtures", name)
                yield from _amounts(recipe, path, amounts, cells)


def _amounts(
    recipe: Recipe, path: Path, amounts: Amounts, cells: AbstractSet[Cell] | None
) -> Found:
    for unit, cell, amount in amounts.cells():
        here: Path = (*path, unit, cell.ability, cell.origin)
        if cell.ability not in recipe.abilities:
            what = f"no ability is named `{cell.ability}`"
            yield here[:-1], "E141", what, did_you_mean(cell.ability, recipe.abilities)
        elif cells is not None and amount > 0 and cell not in cells:
            yield (
                here,
                "E145",
                f"`{cell.ability}` has no {cell.origin} source",
                "add such a source to the ability, or set this to 0",
            )
        elif unit == "fractions" and amount > amounts.repeat_at_most:
            yield (
                here,
                "E124",
                f"a fraction of {amount:g} repeats rows, more than `repeat_at_most` allows",
                "raise `repeat_at_most`, or lower the fraction",
            )
        elif unit == "tokens" and amount > 0 and recipe.train is None:
            step = "add a `train` block with `base_model`"
            yield here, "E121", "tokens can only be counted with a base model's tokenizer", step
        elif unit == "budgets" and recipe.prices.of(cell) is None:
            yield (
                here,
                "E148",
                f"no price is given for {cell.origin} rows",
                f"add `{cell.origin}: {{per_row: ...}}` to `prices`",
            )


def _designs(recipe: Recipe) -> Found:
    held = {source.origin for source in recipe.sources.values()}
    for index, design in enumerate(recipe.ladder.designs if recipe.ladder is not None else []):
        path: Path = ("ladder", "designs", index)
        if isinstance(design, BalancedDesign | OneAtATimeDesign):
            for origin, share in design.origins.items():
                if share > 0 and origin not in held:
                    what = f"no source holds {origin} rows"
                    step = f"choose one of: {', '.join(sorted(held))}"
                    yield (*path, "origins", origin), "E145", what, step
            for at, ability in enumerate(design.abilities or []):
                if ability not in recipe.abilities:
                    what = f"no ability is named `{ability}`"
                    step = did_you_mean(ability, recipe.abilities)
                    yield (*path, "abilities", at), "E141", what, step


def _models(recipe: Recipe) -> Found:
    ladder = recipe.ladder
    if ladder is None:
        return
    if ladder.models and recipe.train is not None and recipe.train.base_model not in ladder.models:
        yield (
            ("train", "base_model"),
            "E143",
            f"`{shown(recipe.train.base_model)}` is none of the models in `ladder.models`",
            did_you_mean(recipe.train.base_model, ladder.models),
        )
    for index, design in enumerate(ladder.designs):
        for at, model in enumerate(design.models or []):
            if model not in ladder.models:
                path: Path = ("ladder", "designs", index, "models", at)
                step = did_you_mean(model, ladder.models, "declare it under `ladder.models`")
                yield path, "E143", f"no model is named `{model}`", step


def _money(recipe: Recipe) -> Found:
    for origin, price in recipe.prices.stated().items():
        for ability in price.abilities:
            if ability not in recipe.abilities:
                path: Path = ("prices", origin, "abilities", ability)
                what = f"no ability is named `{ability}`"
                yield path, "E141", what, did_you_mean(ability, recipe.abilities)
    held = {cell.origin for _, cell, amount in recipe.mixture.cells() if amount}
    unpriced = sorted(held - set(recipe.prices.stated()))
    if recipe.caps.annotation is not None and unpriced:
        step = f"add `{unpriced[0]}: {{per_row: ...}}` to `prices`"
        what = f"annotation is capped, but {unpriced[0]} rows have no price"
        yield ("caps", "annotation"), "E148", what, step
    if recipe.caps.compute is not None and not recipe.prices.machine_time:
        step = "add `gpu_hour` or `cpu_hour` to `prices`"
        yield ("caps", "compute"), "E148", "machine time is capped, but has no price", step
    if recipe.advise is None:
        return
    origins = {source.origin for source in recipe.sources.values()}
    for origin in sorted(origins - set(recipe.prices.stated())):
        yield (
            ("prices",),
            "E148",
            f"no price is given for {origin} rows",
            f"add `{origin}: {{per_row: ...}}` to `prices`",
        )
    if recipe.advise.reference not in origins:
        yield (
            ("advise", "reference"),
            "E145",
            f"no source has the reference origin {recipe.advise.reference}",
            f"choose one of: {', '.join(sorted(origins))}",
        )
    scored = recipe.evaluation_sets()
    if scored and not any(recipe.abilities[name].weight for name in scored):
        yield (
            ("abilities", next(iter(scored)), "weight"),
            "E149",
            "all abilities have the weight 0, so there is nothing to advise on",
            "give some ability a weight above 0",
        )
