"""The paired order: equal sizes of two origins answer the same prompts."""

from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.origins import Origin
from doitkit.core.records import Record
from doitkit.mix import paired_order
from tests.records import record


def _answers(origin: Origin, prompts: list[int], copies: int = 1) -> list[Record]:
    return [
        record(f"question {prompt}", f"{origin} answer {copy}", origin=origin, source=origin)
        for copy in range(copies)
        for prompt in prompts
    ]


def _prompts(records: list[Record]) -> list[str]:
    return [r.prompt_id for r in records]


prompt_sets = st.lists(st.integers(0, 40), unique=True)


@given(prompt_sets, prompt_sets, st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_equal_sizes_hold_the_same_prompts_as_far_as_both_answer_them(
    by_people: list[int], by_model: list[int], copies: int, seed: int
) -> None:
    cells = paired_order(
        {
            "human": _answers("human", by_people, copies),
            "synthetic": _answers("synthetic", by_model),
        },
        seed,
    )
    shared = len(set(by_people) & set(by_model))
    human, synthetic = cells["human"], cells["synthetic"]
    assert _prompts(human[:shared]) == _prompts(synthetic[:shared])
    assert len(set(_prompts(human[: len(by_people)]))) == len(by_people)
    assert len(human) == copies * len(by_people)
    assert len(synthetic) == len(by_model)


@given(prompt_sets, st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_pairs_keep_their_order_when_prompts_are_added(
    prompts: list[int], added: int, seed: int
) -> None:
    def order(asked: list[int]) -> list[str]:
        cells = {o: _answers(o, asked) for o in ("human", "synthetic")}
        return _prompts(paired_order(cells, seed)["human"])

    before = order(prompts)
    after = order([*prompts, added + 100])
    assert [prompt for prompt in after if prompt in set(before)] == before


def test_the_answers_of_one_origin_alone_are_ordered_by_prompt() -> None:
    alone = paired_order({"human": _answers("human", list(range(9)))}, 3)["human"]
    both = paired_order({o: _answers(o, list(range(9))) for o in ("human", "synthetic")}, 3)
    assert _prompts(alone) == _prompts(both["human"]) == _prompts(both["synthetic"])
