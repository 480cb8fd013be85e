"""SQL expressions that look at one row at a time."""

import polars as pl
import pytest

from doitkit.core.expressions import FAULTS, gives_one_value, row_by_row

FRAME = pl.DataFrame({"a": ["x", "yy"], "b": [1, 2], "count": [1, 2], "select": [1, 2]})


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a like '%y%' and b between 1 and 2", [False, True]),
        ("greatest(b, 2) > least(b, 1)", [True, True]),
        ('"count" > 1 and "select" = 2', [False, True]),
        ("a = 'sum(b) over (select' or a = 'it''s (select 1)' or b = 1", [True, False]),
        ("b > 1 -- count(*) of all\n and b < 9 /* (select 1) */", [False, True]),
        ("case when b > 1 then lower(a) else 'z' end", ["z", "yy"]),
    ],
)
def test_words_in_texts_names_and_comments_mean_nothing(
    expression: str, values: list[object]
) -> None:
    parsed = row_by_row(expression)
    assert FRAME.select(parsed).to_series().to_list() == values
    assert not gives_one_value(parsed, FRAME)


def test_what_cannot_be_read_is_one_of_the_faults() -> None:
    for expression in ("a like", "nonesuch(a)", ""):
        with pytest.raises(FAULTS):
            row_by_row(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "count(*) > 1",
        "length(a) > avg(length(a)) * 3",
        "MAX(b) > 3 and a = 'x'",
        "sum (b) > 3",
        "row_number() over (order by b) > 1",
        "b > median(b)",
        "array_length(array_agg(a)) > 1",
        "unnest(string_to_array(a, ' '))",
        "(select 1) > 0",
        "b in (SELECT b FROM read_csv('a.csv'))",
        "b > any(\n/* all of them */ select 1)",
        "exists (values (1))",
        "(with q as (select 1) select * from q) > 0",
    ],
)
def test_what_looks_at_several_rows_or_at_files_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"looks at all rows together|could read other files"):
        row_by_row(expression)


def test_every_aggregate_that_polars_has_is_known() -> None:
    """Polars gives one value for what our list of words would miss."""
    every = [
        "array_agg(b)", "avg(b)", "corr(b, b)", "count(b)", "covar(b, b)", "covar_pop(b, b)",
        "covar_samp(b, b)", "first(b)", "last(b)", "max(b)", "median(b)", "min(b)",
        "quantile_cont(b, 0.5)", "quantile_disc(b, 0.5)", "stddev(b)", "stdev(b)",
        "stddev_samp(b)", "stdev_samp(b)", "sum(b)", "variance(b)", "var(b)", "var_samp(b)",
        "string_agg(a, ',')",
    ]  # fmt: skip
    for expression in every:
        with pytest.raises(ValueError, match="all rows together"):
            row_by_row(expression)


def test_one_value_for_all_rows_is_told_from_a_constant() -> None:
    assert gives_one_value(pl.col("b").sum(), FRAME)
    assert gives_one_value(pl.len() > 1, FRAME)
    assert not gives_one_value(pl.lit(3), FRAME)
    assert not gives_one_value(pl.col("b") + 1, FRAME)
    assert not gives_one_value(pl.col("b").sum(), FRAME.head(0))
