"""How much of the gain the advice loses that one would have who knew the truth.

Run by hand: `python tests/benchmarks/allocation.py [--data DIR] [--fast]`. The last line is JSON.
No data is read; `--data` is taken so that all benchmarks are called alike.

Worlds come from `doitkit.growth.simulate`, with seeds on which nothing was chosen. Ten abilities,
human rows at 1.0 and synthetic ones at 0.1, a budget of 10,000 and nothing held. Regrets are in
percent of the gain of the best allocation.

- `regret`, `p90`: mean and 90 % quantile, by the number of runs, the base model's being one;
  `equal_split`: the best of human only, synthetic only and both, chosen for each world by its
  truth; `equal_split_fixed`: the one of the three that is best on average; `unpooled`: each
  ability fitted alone, then the same search.
- `regret_wrong_world`, at 24 runs: curves of other families, scales shifted by a standard
  deviation, a tenth of the runs collapsed. `equal_split_wrong_world` beside it.
- `next_run_wins`: share of worlds in which five advised runs after twelve leave a lower regret than
  five random log-spaced ones of the same number of rows, a tie counting half;
  `next_run_width_wins`: the same of the width of the interval of the gain.
- `rho_ratio_median`: median factor by which exchange rates are off where they can be told;
  `coverage80`, `coverage95`: how often intervals of the scores after the purchase hold the truth,
  at 24 runs; `gain_coverage80`: the same of the gain.
- `transfer`: with two runs of each ability by itself beside 24 others, how many pairs are said to
  help or to hurt, how many of them do, how many raise the base model's score by five points or
  more, and how many of these are said to help; and how often 80 % intervals of the effects that are
  told hold them, of all and of those five points.
"""

import argparse
import json
import time
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt
from worlds import ABILITIES, LARGEST, Play, Unpooled, asked

from doitkit.advise import solve
from doitkit.advise.experiment import next_experiments
from doitkit.growth import GrowthFit, examine, fit_growth, transfers

Floats = npt.NDArray[np.float64]
SIZES = (12, 24, 48)
FIRST_SEED = 2_000_000
STEPS = 5


def regrets(seed: int) -> dict[str, object]:
    """Return the figures of one world."""
    play = Play.of(seed)
    found: dict[str, object] = {"equal": play.splits_lost()}
    for runs in SIZES:
        seen = play.observed(play.started(runs))
        fit = fit_growth(seen)
        bought = solve(asked(fit)).bought
        unpooled = asked(Unpooled.fit(seen))
        found[str(runs)] = {
            "regret": play.lost(bought),
            "unpooled": play.lost(solve(unpooled).bought),
        }
        if runs == 24:
            found |= _honesty(play, fit, bought)
    return found


def _honesty(play: Play, fit: GrowthFit, bought: Floats) -> dict[str, object]:
    mixtures = np.stack([np.zeros_like(bought), bought])
    drawn, truth = fit.forecast(mixtures), play.world.scores(mixtures)
    gain, came = (np.diff(v.mean(axis=-1), axis=-1)[..., 0] for v in (drawn, truth))
    held = {}
    for level, tail in (("80", 0.1), ("95", 0.025)):
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
        held[level] = float(((truth >= low) & (truth <= high))[1].mean())
    low, high = np.quantile(gain, [0.1, 0.9])
    told = examine(fit).exchange
    rates = np.median(np.exp(fit.parameters().log_rho[..., 0]), axis=0)
    off = [
        abs(float(np.log(rates[a] / play.world.worths[a][0].rate)))
        for a, ability in enumerate(fit.seen.abilities)
        if told.get((ability, fit.seen.origins[1]))
    ]
    return {"held": held, "gain_held": bool(low <= came <= high), "rho_off": off}


def wrong(seed: int) -> tuple[float, float]:
    """Return the regret in a wrong world at 24 runs, and that of the best equal split."""
    play = Play.of(seed, wrong=True)
    fit = fit_growth(play.observed(play.started(24)))
    return play.lost(solve(asked(fit)).bought), min(play.splits_lost().values())


def transfer(seed: int) -> Floats:
    """Return, for each pair of a world, what is said of it and what is true.

    Columns: told, said to help, said to hurt, the true transfer, its effect on the base model's
    score, whether the interval holds that.
    """
    play = Play.of(seed)
    alone = np.zeros((ABILITIES, ABILITIES, 2))
    alone[np.arange(ABILITIES), np.arange(ABILITIES), 0] = LARGEST[:, 0]
    fit = fit_growth(play.observed(np.concatenate([play.started(24), alone, alone])))
    told = {(one.to, one.source): one for one in transfers(fit, examine(fit))}
    effects = play.world.scores(alone).T - play.world.scores(0 * alone[:1]).T
    names = fit.seen.abilities
    found = []
    for a, d in zip(*np.nonzero(~np.eye(ABILITIES, dtype=bool)), strict=True):
        one, effect = told.get((names[a], names[d])), effects[a, d]
        helps = one is not None and one.clear and one.helps > one.hurts
        hurts = one is not None and one.clear and one.hurts > one.helps
        held = one is not None and one.effect.low <= effect <= one.effect.high
        found.append((one is not None, helps, hurts, play.world.transfer[a, d], effect, held))
    return np.array(found, dtype=np.float64)


def next_runs(seed: int) -> dict[str, tuple[float, float]]:
    """Return regret and width after twelve runs, and after five more, advised or random."""
    play = Play.of(seed)
    advised = random = play.started(12)
    generator = np.random.default_rng(seed)
    found = {"start": _standing(play, advised)}
    for _ in range(STEPS):
        run = _advised_run(play, advised)
        advised = np.concatenate([advised, run[None]])
        random = np.concatenate([random, _random_run(generator, float(run.sum()))[None]])
    return found | {"advised": _standing(play, advised), "random": _standing(play, random)}


def _advised_run(play: Play, runs: Floats) -> Floats:
    fit = fit_growth(play.observed(runs))
    case = asked(fit)
    solution = solve(case)
    found = next_experiments(case, fit.seen, solution, solution.bought, most=40)
    mixture = next(one.mixture for one in found if one.mixture is not None)
    return case.question.array(dict(mixture.counts))


def _random_run(generator: np.random.Generator, rows: float) -> Floats:
    """Return an unbalanced log-spaced run of so many rows."""
    drawn = LARGEST * 10.0 ** generator.uniform(-3, 0, LARGEST.shape)
    drawn *= generator.random(LARGEST.shape) > 0.3
    return np.round(drawn * rows / max(drawn.sum(), 1.0))


def _standing(play: Play, runs: Floats) -> tuple[float, float]:
    fit = fit_growth(play.observed(runs))
    case = asked(fit)
    bought = solve(case).bought
    values = case.values(np.stack([np.zeros_like(bought), bought]))
    low, high = np.quantile(values[:, 1] - values[:, 0], [0.1, 0.9])
    return play.lost(bought), float(high - low)


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--fast", action="store_true", help="4 worlds of each kind")
    parser.add_argument("--worlds", type=int, default=100)
    given = parser.parse_args()
    worlds = 4 if given.fast else given.worlds
    seeds = range(FIRST_SEED, FIRST_SEED + worlds)
    started = time.perf_counter()
    with Pool(2) as pool:
        usual = pool.map(regrets, seeds, chunksize=1)
        print(f"usual worlds: {time.perf_counter() - started:.0f} s", flush=True)
        strange = np.array(pool.map(wrong, seeds, chunksize=1))
        print(f"wrong worlds: {time.perf_counter() - started:.0f} s", flush=True)
        chosen = seeds[: max(2, (3 * worlds) // 5)]
        grown = pool.map(next_runs, chosen, chunksize=1)
        pairs = np.concatenate(pool.map(transfer, seeds, chunksize=1))
    said = figures(usual, strange, grown) | {"transfer": _who_helps(pairs)}
    print(json.dumps(said | {"seconds": time.perf_counter() - started}))


def figures(usual: list, strange: Floats, grown: list) -> dict[str, object]:
    """Return what is printed."""

    def of(runs: int, key: str) -> Floats:
        return 100 * np.array([world[str(runs)][key] for world in usual])

    splits = 100 * np.array([list(world["equal"].values()) for world in usual])
    after = {
        name: np.array([world[name] for world in grown]) for name in ("start", "advised", "random")
    }
    wins = [_wins(after["advised"][:, i], after["random"][:, i]) for i in (0, 1)]
    off = np.concatenate([world["rho_off"] for world in usual])
    return {
        "regret": {str(n): round(float(of(n, "regret").mean()), 2) for n in SIZES},
        "p90": {str(n): round(float(np.quantile(of(n, "regret"), 0.9)), 2) for n in SIZES},
        "unpooled": {str(n): round(float(of(n, "unpooled").mean()), 2) for n in SIZES},
        "equal_split": {str(n): round(float(splits.min(axis=1).mean()), 2) for n in SIZES},
        "equal_split_fixed": round(float(splits.mean(axis=0).min()), 2),
        "beats_equal_split": {
            str(n): round(float((of(n, "regret") < splits.min(axis=1)).mean()), 2) for n in SIZES
        },
        "regret_wrong_world": round(100 * float(strange[:, 0].mean()), 2),
        "equal_split_wrong_world": round(100 * float(strange[:, 1].mean()), 2),
        "next_run_wins": wins[0],
        "next_run_width_wins": wins[1],
        "next_run_regret": {
            name: round(100 * float(values[:, 0].mean()), 2) for name, values in after.items()
        },
        "rho_ratio_median": round(float(np.exp(np.median(off))), 3) if len(off) else None,
        "rho_told": round(len(off) / (ABILITIES * len(usual)), 2),
        "coverage80": round(float(np.mean([world["held"]["80"] for world in usual])), 3),
        "coverage95": round(float(np.mean([world["held"]["95"] for world in usual])), 3),
        "gain_coverage80": round(float(np.mean([world["gain_held"] for world in usual])), 3),
        "worlds": {"usual": len(usual), "wrong": len(strange), "next": len(grown)},
    }


def _who_helps(pairs: Floats) -> dict[str, float]:
    told, helps, hurts, true, effect, held = pairs.T
    large = effect > 0.05
    seen = (told > 0) & large
    return {
        "pairs": len(pairs),
        "told": int(told.sum()),
        "helps": int(helps.sum()),
        "helps_right": int((helps * (true > 0)).sum()),
        "hurts": int(hurts.sum()),
        "hurts_right": int((hurts * (true < 0)).sum()),
        "large": int(large.sum()),
        "large_found": int((helps * large).sum()),
        "coverage80": round(float(held[told > 0].mean()), 3),
        "coverage80_large": round(float(held[seen].mean()), 3) if seen.any() else 0.0,
    }


def _wins(ours: Floats, theirs: Floats) -> float:
    return round(float(((ours < theirs) + 0.5 * (ours == theirs)).mean()), 3)


if __name__ == "__main__":
    main()
