"""Turns of a simulated world: the scores are drawn from a known truth, all else is real.

Mixtures come from the ladder, the laws are fitted, the money is spent and the advice is checked
by the code that does it for a user; only training and scoring are replaced.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from doitkit.advise import check_advice, gather, recommend
from doitkit.core.origins import Cell
from doitkit.evaluate import ItemResult, Score
from doitkit.evaluate.score import mean_and_stderr
from doitkit.mix import Mixture, ladder_rungs, mixture_of
from doitkit.plan import stock_of
from doitkit.recipe import Recipe, recipe_from_text
from doitkit.report import Findings
from doitkit.train import Run

ITEMS = 200

TINY = """
doitkit: 1
name: tiny
sources:
  proofs: {path: proofs.jsonl, format: prompt_completion, origin: programmatic, license: MIT}
  proofs_model: {path: pm.jsonl, format: messages, origin: synthetic, generator: small}
  letters: {path: letters.jsonl, format: messages, origin: programmatic}
  letters_model: {path: lm.jsonl, format: messages, origin: synthetic, generator: small}
abilities:
  proofs:
    sources: [proofs, proofs_model]
    evaluate: {path: p.jsonl, format: prompt_completion, metric: exact_match}
  letters:
    sources: [letters, letters_model]
    evaluate: {path: l.jsonl, format: prompt_completion, metric: choice_likelihood}
ladder:
  sizes: [10, 40, 160]
  designs:
    - {design: balanced, origins: {programmatic: 1}}
    - {design: balanced, origins: {synthetic: 1}}
    - {design: unbalanced, runs: 5}
train: {base_model: models/base, learning_rate: 1e-3}
prices: {programmatic: {per_row: 1}, synthetic: {per_row: 0.1}}
advise: {budget: 200, unit: usd, reference: programmatic, lot: 10, check_seeds: [1, 2]}
"""


def tiny(*, checked: bool = True) -> Findings:
    """Return a turn of two abilities and two origins."""
    return turn(recipe_from_text(TINY, Path("tiny.yaml")), checked=checked)


def turn(recipe: Recipe, *, checked: bool = True) -> Findings:
    """Return one turn of `recipe` in the simulated world."""
    assert recipe.ladder is not None
    assert recipe.advise is not None
    supply = dict.fromkeys(recipe.cells(), 5000)
    stock = stock_of(recipe, supply, lambda _: [])
    rungs = ladder_rungs(recipe.ladder, list(recipe.abilities), stock, recipe.seed)
    runs = [_run(recipe, Mixture.of("base", {}), 0)]
    runs += [_run(recipe, rung.mixture, seed) for rung in rungs for seed in rung.seeds]
    scores, _ = _scored(recipe, runs)
    seen = gather(runs, scores, list(recipe.abilities), recipe.advise.reference)
    today = mixture_of("today", recipe.mixture, stock)
    advice = recommend(recipe, seen, today, stock)
    check = None
    if checked:
        both = (advice.plan, advice.equal)
        trained = [_run(recipe, mixture, seed) for mixture in both for seed in (11, 12)]
        weights = {name: ability.weight for name, ability in recipe.abilities.items()}
        found, items = _scored(recipe, trained)
        check = check_advice(advice.plan, advice.equal, trained, found, items, weights)
    return Findings(
        recipe=recipe,
        manifest=_manifest(recipe, supply),
        runs=tuple(runs),
        scores=tuple(scores),
        advice=advice,
        check=check,
        next_recipe=f"{recipe.name}.next.yaml",
        seconds={"build": 3.21, "train": 754.0, "evaluate": 121.5, "advise": 2.0},
    )


def _truth(recipe: Recipe, run: Run) -> dict[str, float]:
    """Return the chance of a right answer per ability: exponential growth, no law of the fit."""
    result = {}
    counts = run.counts
    for index, (name, ability) in enumerate(recipe.abilities.items()):
        own = 0.0
        others = 0.0
        for cell, n in counts.items():
            worth = n if cell.origin == "human" else n * (0.6 if cell.origin[0] == "p" else 0.3)
            worth = min(worth, 60.0) if cell.origin == "synthetic" else worth
            own += worth if cell.ability == name else 0.0
            others += 0.0 if cell.ability == name else worth
        half = (20.0, 150.0, 600.0, 60.0, 3000.0)[index % 5]
        base, top = (0.3, 0.25, 0.28, 0.5, 0.26)[index % 5], (0.9, 0.8, 0.75, 0.6, 0.7)[index % 5]
        if ability.evaluate.metric == "exact_match":
            base = 0.03
        noise = 0.015 * np.random.default_rng(run.seed + index + int(own)).standard_normal()
        grown = 1 - np.exp(-(own + 0.05 * others) / half * np.log(2))
        result[name] = float(np.clip(base + (top - base) * grown + noise, 0.01, 0.99))
    return result


def _scored(recipe: Recipe, runs: Sequence[Run]) -> tuple[list[Score], list[ItemResult]]:
    scores: list[Score] = []
    items: list[ItemResult] = []
    for run in runs:
        truth = _truth(recipe, run)
        for index, (name, ability) in enumerate(recipe.abilities.items()):
            # The same items for all runs, so a hard one is hard for every run.
            hardness = np.random.default_rng(index).permutation(ITEMS) / ITEMS
            draw = np.random.default_rng([run.seed, index, run.rows])
            wobble = np.clip(hardness + 0.1 * draw.standard_normal(ITEMS), 0, 1)
            values = (wobble < truth[name]).astype(float)
            mean, stderr = mean_and_stderr(values.tolist(), binary=True)
            scores.append(
                Score(
                    run_id=run.run_id,
                    ability=name,
                    task=f"doitkit_{name}",
                    metric=ability.evaluate.metric,
                    value=mean,
                    stderr=stderr,
                    n_items=ITEMS,
                    chance=0.0 if ability.evaluate.metric == "exact_match" else 0.25,
                    n_shot=0,
                    chat_template_hash="522f13f975dbed0315a37777f18cd577",
                )
            )
            items += [
                ItemResult(run.run_id, f"doitkit_{name}", f"{name}-{i:04d}", float(v))
                for i, v in enumerate(values)
            ]
    return scores, items


def _run(recipe: Recipe, mixture: Mixture, seed: int) -> Run:
    assert recipe.train is not None
    steps = 3 * -(-mixture.total // 16)
    curve = [(s, 3.2 * s**-0.35 + 0.4) for s in range(1, steps + 1)]
    return Run(
        run_id=f"{mixture.id}-{seed}",
        name=mixture.name,
        dataset_id=mixture.id,
        base_model=recipe.train.base_model,
        base_path="",
        base_hash="",
        n_params=865_920,
        method="full" if mixture.total else "none",
        seed=seed,
        config_hash="",
        train_loss=curve[-1][1] if curve else None,
        wall_s=0.04 * steps,
        device="cpu",
        dtype="float32",
        mixture=mixture.as_recipe(),
        trained=mixture.as_recipe(),
        steps=steps,
        tokens=90 * mixture.total,
        trained_tokens=20 * mixture.total,
        losses=tuple(curve),
        versions={"torch": "2.13.0", "transformers": "5.23.0"},
    )


def _manifest(recipe: Recipe, supply: dict[Cell, int]) -> dict[str, Any]:
    names = list(recipe.sources)
    table: dict[str, dict[str, int]] = {}
    for cell, n in supply.items():
        table.setdefault(cell.ability, {})[cell.origin] = n
    return {
        "doitkit": "0.1.0",
        "recipe": recipe.name,
        "seed": recipe.seed,
        "rows_in": dict.fromkeys(names, 5100),
        "filtered_by_where": dict.fromkeys(names, 40),
        "rows_after": [
            {"step": step, "rows": dict.fromkeys(names, n)}
            for step, n in (
                ("read", 5051),
                ("filter", 5050),
                ("dedup", 5005),
                ("decontaminate", 5000),
            )
        ],
        "rejects": {
            name: {"read": 9, "filter": 1, "dedup": 45, "decontaminate": 5} for name in names
        },
        "supply": table,
        "evaluation_items": dict.fromkeys(recipe.abilities, ITEMS),
        "licenses": {name: source.license for name, source in recipe.sources.items()},
        "files": {"pool.arrow": "0e57d6876333aa5c0eaa5523ce213861"},
    }
