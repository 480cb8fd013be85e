"""The answer as a value: what stands in its JSON, and that nothing there is silently no number."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from doitkit.advise import Recommendation
from doitkit.cli import show
from doitkit.growth import GrowthFit, Observations, fit_growth
from tests.advise.test_question import asked
from tests.advise.test_recommend import WORLD
from tests.growth.worlds import design, observe


def numbers_in(value: Any, path: str = "$") -> Iterator[tuple[str, float]]:
    """Yield every number of a JSON value with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert isinstance(key, str), path
            yield from numbers_in(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from numbers_in(inner, f"{path}[{index}]")
    elif isinstance(value, int | float):
        yield path, float(value)
    else:
        assert value is None or isinstance(value, str), f"{path}: {type(value)}"


def seen_in_full() -> Observations:
    return observe(WORLD, design(4, unbalanced=12))


def with_gaps() -> Observations:
    seen = seen_in_full()
    scores = seen.scores.copy()
    scores[4:9, 2] = np.nan
    stderrs = np.where(np.isnan(scores), np.nan, seen.stderrs)
    return replace(seen, scores=scores, stderrs=stderrs)


def with_an_outlier() -> Observations:
    seen = seen_in_full()
    scores = seen.scores.copy()
    scores[3, 1] = 0.95
    return replace(seen, scores=scores)


def with_untrained() -> Observations:
    seen = seen_in_full()
    counts = seen.counts.copy()
    counts[:, 3] = 0.0
    return replace(seen, counts=counts)


def all_at_chance() -> Observations:
    seen = seen_in_full()
    return replace(seen, scores=np.tile(np.maximum(seen.chance, 0.01), (len(seen.runs), 1)))


def of_two_sizes() -> Observations:
    seen = seen_in_full()
    return replace(seen, n_params=np.where(np.arange(len(seen.runs)) % 2, 1e8, 7e9))


def few() -> Observations:
    return seen_in_full().subset([0, 1, 2, 3, 9, 10])


WAYS = (seen_in_full, with_gaps, with_an_outlier, with_untrained, all_at_chance, of_two_sizes, few)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("advise", ["budget: 1000", "budget: 0"])
def test_every_number_in_the_json_is_one(way: Any, advise: str) -> None:
    found = asked(fit_growth(way(), draws=30), advise).as_json()
    numbers = list(numbers_in(found))
    assert len(numbers) > 100
    assert [path for path, number in numbers if not math.isfinite(number)] == []
    assert json.loads(json.dumps(found, allow_nan=False)) is not None


@pytest.fixture(scope="module")
def outlying() -> GrowthFit:
    return fit_growth(with_an_outlier())


@pytest.fixture(scope="module")
def advice(outlying: GrowthFit) -> Recommendation:
    return asked(outlying, "budget: 500")


def test_the_json_says_what_the_runs_tell(advice: Recommendation) -> None:
    found = advice.as_json()
    assert found["design"]["told"] < found["design"]["contrasts"] == 24
    assert found["design"]["rank"] == found["design"]["parameters"]
    assert found["min_gain"] == 0.02
    outlier = found["outliers"][0]
    assert (outlier["run"], outlier["ability"], outlier["score"]) == ("run 3", "slow", 0.95)
    for transfer in found["transfer"]:
        assert set(transfer) == {"from", "to", "rows", "helps", "hurts", "effect", "insisted"}
    slow = {
        a["diagnosis"]["ability"]: a["diagnosis"]["next_thousand_below"] for a in found["abilities"]
    }
    assert slow["slow"]["low"] < slow["slow"]["middle"] < slow["slow"]["high"]


def test_no_transfer_is_said_where_none_is_asked_or_told(outlying: GrowthFit) -> None:
    unasked = asked(outlying, "budget: 500, transfer: false")
    assert unasked.transfer is None
    assert not any(u.what.startswith("transfer") for u in unasked.unknown)
    balanced = fit_growth(observe(WORLD, design(4, unbalanced=0)), draws=30)
    untold = asked(balanced, "budget: 500").as_json()
    assert untold["transfer"] is None
    assert untold["unknown"][0]["what"] == "transfer between abilities"


def test_what_the_laws_say_is_on_the_screen(
    advice: Recommendation, capsys: pytest.CaptureFixture[str]
) -> None:
    show.recommendation(advice)
    shown = capsys.readouterr().out
    design_ = advice.design
    for part in (
        "how abilities grow with human rows",
        "next 1,000 bring less than 0.02 from",
        "counts less: slow of run 3 is 0.950, where the law gives",
        f"design: the scores see {design_.rank} of {design_.parameters} directions",
        f"tell {design_.told} of 24 rates",
        "would tell: ",
    ):
        assert part in shown
    for transfer in advice.transfer or ():
        assert not transfer.clear or transfer.source in shown


def test_clear_transfer_is_a_table_on_the_screen(
    advice: Recommendation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advice.transfer
    first, *rest = advice.transfer
    helps = replace(first, helps=0.97, hurts=0.03, insisted=True)
    hurts = replace(first, helps=0.02, hurts=0.98, insisted=True)
    show.recommendation(replace(advice, transfer=(helps, hurts, *rest)))
    shown = capsys.readouterr().out
    assert "who helps whom, alone" in shown
    assert "helps: 97%" in shown
    assert "hurts: 98%" in shown
    show.recommendation(replace(advice, transfer=None))
    assert "transfer: of" not in capsys.readouterr().out
