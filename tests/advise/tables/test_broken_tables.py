"""Tables that make no sense are refused with exactly the text in `broken/`.

Set DOITKIT_UPDATE_SNAPSHOTS=1 to write the texts anew, then read the difference.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from doitkit.advise.own_tables import recommend_from_tables
from doitkit.core.errors import FAILURE, USAGE, DoitkitError
from tests.advise.tables.made import COMPOSITIONS, LOSSES, PRICES, SCORES, WEIGHTS, only, write

BROKEN = Path(__file__).parent / "broken"
LONG = "run,outcome,score,{}\n"
CASES: dict[str, dict[str, Any]] = {
    "two_runs": {"compositions": only(COMPOSITIONS, "base", "a")},
    "one_run": {"compositions": only(COMPOSITIONS, "f")},
    "two_mixtures": {"compositions": only(WEIGHTS, "1", "2"), "scores": LOSSES},
    "all_runs_equal": {
        "compositions": "run,code,math\n" + "".join(f"{r},100,100\n" for r in "abcd"),
    },
    "all_scores_equal": {
        "compositions": WEIGHTS,
        "scores": "run,val_loss\n" + "".join(f"{i},2.5\n" for i in range(1, 9)),
    },
    "no_rows_at_all": {"compositions": "run,code,math\na,0,0\nb,0,0\nc,0,0\n"},
    "scores_above_100": {"scores": SCORES.replace("0.58", "158")},
    "scores_below_0": {"scores": SCORES.replace("0.20", "-0.2")},
    "percent_mixed_with_fractions": {
        "scores": SCORES.replace("0.40", "40").replace("0.30", "30"),
    },
    "negative_counts": {"compositions": COMPOSITIONS.replace("b,400", "b,-400")},
    "an_amount_missing": {"compositions": COMPOSITIONS.replace("b,400", "b,")},
    "an_amount_that_is_nan": {"compositions": COMPOSITIONS.replace("b,400", "b,NaN")},
    "an_amount_without_end": {"compositions": COMPOSITIONS.replace("b,400", "b,inf")},
    "text_for_an_amount": {"compositions": COMPOSITIONS.replace("b,400", "b,many")},
    "text_for_a_score": {"scores": SCORES.replace("0.40", "0.40%")},
    "a_column_of_text": {
        "compositions": "run,code,math,model\na,1,2,llama\nb,5,3,llama\nc,9,9,llama\n",
    },
    "an_unknown_column_in_long": {"scores": LONG.format("colour") + "a,code,0.3,red\n"},
    "no_column_of_runs": {"scores": SCORES.replace("run", "name")},
    "no_column_of_scores": {"scores": "run,ability,accuracy\na,code,0.3\n"},
    "columns_that_say_the_same": {
        "compositions": COMPOSITIONS.replace("code/synthetic", "code:human"),
    },
    "a_run_twice": {"compositions": COMPOSITIONS + "b,400,0,100,200\n"},
    "a_score_twice": {"scores": SCORES + "b,0.41,0.24\n"},
    "a_cell_twice_in_long": {
        "compositions": "run,ability,origin,rows\na,code,human,5\na,code,human,6\n",
    },
    "seeds_of_other_compositions": {
        "compositions": "run,seed,code,math\na,1,100,100\na,2,100,200\nb,1,300,300\n",
    },
    "an_origin_that_is_none": {
        "compositions": "run,ability,origin,rows\na,code,robots,5\nb,code,human,6\n",
    },
    "runs_in_one_table_only": {"scores": re.sub(r"(?m)^(?=[a-f],|base,)", "run-", SCORES)},
    "other_seeds": {
        "compositions": "run,seed,code,math\na,1,1,1\nb,1,2,2\nc,1,3,5\n",
        "scores": "run,seed,code,math\na,7,0.1,0.1\nb,7,0.2,0.2\nc,7,0.3,0.3\n",
    },
    "rows_of_an_ability_without_scores": {
        "scores": "run,code\n" + "".join(f"{r},0.{i + 1}\n" for i, r in enumerate("abcdef")),
    },
    "an_outcome_without_a_score": {"scores": "run,code,math\na,0.3,\nb,0.4,\nc,0.2,\n"},
    "weights_beside_counts": {"compositions": WEIGHTS.replace("3,0.1,0.1,0.8", "3,100,100,800")},
    "weights_that_miss_1": {
        "compositions": "run,source,weight\n1,web,0.5\n1,books,0.2\n2,web,0.4\n2,books,0.3\n",
        "scores": LOSSES,
    },
    "models_of_unknown_size": {
        "compositions": "run,code,math,params\na,10,10,1e9\nb,20,30,\nc,90,40,1e9\n",
    },
    "models_of_no_size": {"compositions": "run,code,math,params\na,10,10,-7\n"},
    "two_values_of_chance": {
        "scores": LONG.format("chance") + "a,code,0.3,0.25\nb,code,0.4,0.2\nc,code,0.5,0.25\n",
    },
    "chance_out_of_scale": {
        "scores": LONG.format("chance") + "".join(f"{r},code,0.3,25\n" for r in "abc")
        + "".join(f"{r},math,0.3,0.1\n" for r in "abc"),
    },
    "a_standard_error_of_0": {"scores": LONG.format("stderr") + "a,code,0.3,0\n"},
    "neither_true_nor_false": {"scores": LONG.format("lower_is_better") + "a,code,0.3,maybe\n"},
    "an_empty_table": {"compositions": ""},
    "a_table_of_names_alone": {"compositions": "run,code,math\n"},
    "a_line_too_short": {"compositions": COMPOSITIONS.replace("b,400,0,100,200", "b,400,0")},
    "semicolons": {"compositions": COMPOSITIONS.replace(",", ";")},
    "an_objective_that_is_not_scored": {"objective": {"coed": 1.0}},
    "no_prices": {"prices": None, "budget": None},
    "a_budget_without_prices": {"prices": None},
    "prices_without_a_budget": {"budget": None},
    "prices_of_nothing_here": {"prices": "programmatic: {per_row: 1.0}\n"},
    "a_price_for_nothing": {"prices": PRICES + "cdoe: {per_row: 1.0}\n"},
    "a_price_of_0": {"prices": "human: {per_row: 0}\n"},
    "a_price_without_a_number": {"prices": "human: {supply: 100}\n"},
    "two_prices": {"prices": "human: {per_row: 1, per_1k_tokens: 2}\n"},
    "a_price_in_words": {"prices": "human: cheap\n"},
    "prices_of_nothing": {"prices": "unit: usd\n"},
    "prices_that_are_no_yaml": {"prices": "human: {per_row: 1.0\nsynthetic: 0.1\n"},
    "a_typo_in_a_price": {"prices": "human: {per_rwo: 1.0}\n"},
    "tokens_beside_rows": {"prices": "human: {per_row: 1.0}\nsynthetic: {per_1k_tokens: 0.1}\n"},
    "prices_of_too_few_sources": {
        "compositions": WEIGHTS, "scores": LOSSES, "prices": "books: {per_row: 1.0}\n",
    },
    "a_budget_in_words": {"budget": "plenty"},
    "a_budget_below_0": {"budget": "-5"},
    "a_budget_in_another_unit": {"prices": PRICES + "unit: eur\n"},
    "today_in_two_rows": {"today": only(COMPOSITIONS, "a", "b")},
    "today_of_something_else": {"today": "poems\n5\n"},
    "today_of_other_sources": {"today": "run,poems\ntoday,5\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_makes_no_sense_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DoitkitError) as caught:
        recommend_from_tables(write(tmp_path, **CASES[name]))
    error, expected = caught.value, BROKEN / f"{name}.txt"
    text = str(error) + "\n"
    if os.environ.get("DOITKIT_UPDATE_SNAPSHOTS"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert error.exit_code == USAGE != FAILURE
    assert error.code is not None
    assert error.where
    assert error.next_step
    assert str(tmp_path) not in text
    assert max(map(len, text.splitlines())) <= 200


def test_every_text_has_its_case() -> None:
    assert sorted(file.stem for file in BROKEN.glob("*.txt")) == sorted(CASES)


@pytest.mark.parametrize("table", ["compositions", "scores", "prices"])
def test_a_file_that_is_not_there(table: str, tmp_path: Path) -> None:
    asked = write(tmp_path)
    (tmp_path / f"{table}.{'yaml' if table == 'prices' else 'csv'}").unlink()
    with pytest.raises(DoitkitError) as caught:
        recommend_from_tables(asked)
    assert caught.value.code == ("E409" if table == "prices" else "E401")
    assert "No such file" in str(caught.value)


def test_a_file_of_an_unknown_kind(tmp_path: Path) -> None:
    asked = write(tmp_path)
    (tmp_path / "compositions.csv").rename(tmp_path / "compositions.xlsx")
    with pytest.raises(DoitkitError) as caught:
        recommend_from_tables(type(asked)(tmp_path / "compositions.xlsx", asked.scores))
    assert caught.value.code == "E401"
    assert ".parquet" in str(caught.value)
