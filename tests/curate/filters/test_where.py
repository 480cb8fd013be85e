"""SQL conditions of a recipe over the columns of rows."""

import pytest

from doitkit.core.errors import UsageError
from doitkit.curate.filters import left_out, require_plugins
from doitkit.recipe.filters import Filters
from tests.curate.filters.made import answers, reasons, talks

ROWS = talks(
    [("system", "Be brief."), ("user", "Why?"), ("assistant", "So.")],
    [("user", "Go."), ("assistant", "Gone."), ("user", "Back?"), ("assistant", "Yes.")],
)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("prompt like '%?%'", [True, True]),
        ("answer = 'So.'", [True, False]),
        ("text like 'Go.%Yes.'", [False, True]),
        ("system is not null", [True, False]),
        ("turns between 2 and 3", [False, True]),
        ("source = 'people' and ability in ('chat', 'math')", [True, True]),
        ("origin <> 'human'", [False, False]),
        ("license like 'cc-by%' or generator is not null", [True, True]),
        ("generator = 'gpt-4'", [False, False]),
        ("length(system) > 3", [True, False]),
        ("1 = 1", [True, True]),
    ],
)
def test_a_row_stays_for_which_the_condition_is_true(condition: str, kept: list[bool]) -> None:
    said = reasons(ROWS, where={"as-wished": condition})
    assert [reason is None for reason in said] == kept
    assert set(said) <= {None, "where: as-wished"}


def test_the_first_condition_that_is_not_true_is_told() -> None:
    where = {"first": "answer <> 'b'", "second": "answer <> 'c'", "third": "answer = 'a'"}
    rows = answers("a", "b", "c", "d")
    assert reasons(rows, where=where) == [None, "where: first", "where: second", "where: third"]


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("length(answer) > avg(length(answer))", "`avg` looks at all rows together"),
        ("count(*) > 3", "`count` looks at all rows together"),
        ("row_number() over (order by answer) > 1", "`over` looks at all rows together"),
        ("answer in (select a from read_csv('a.csv'))", "could read other files"),
        ("line > 3", 'unable to find column "line"'),
        ("length(answer)", "not true or false"),
        ("answer >", "unable to parse"),
        ("turns like 'a'", ""),
    ],
)
def test_what_is_no_condition_on_one_row_is_refused(condition: str, why: str) -> None:
    declared = Filters(where={"odd": condition})
    for refuse in (lambda: left_out(ROWS, declared), lambda: require_plugins(declared)):
        with pytest.raises(UsageError) as caught:
            refuse()
        assert caught.value.where == "curate.filters.where.odd"
        assert why in (caught.value.why or "")


def test_a_value_that_cannot_be_read_is_told_with_the_name_of_the_condition() -> None:
    declared = Filters(where={"fine": "turns > 0", "number": "cast(answer as int) > 3"})
    assert left_out(answers("4", "3"), declared).to_list() == [None, "where: number"]
    with pytest.raises(UsageError, match="`number` cannot be carried out") as caught:
        left_out(answers("4", "four"), declared)
    assert "conversion" in (caught.value.why or "")
