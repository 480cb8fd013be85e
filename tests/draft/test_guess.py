"""How files are used, by their names, their columns, and what the user says."""

from pathlib import Path

import pytest

from doitkit.core.errors import UsageError
from doitkit.draft import FileUse, Wishes, guess, look_around
from tests.draft.data import questions, write


def uses(folder: Path, wishes: Wishes | None = None) -> dict[str, FileUse]:
    found = guess(look_around(folder), folder, wishes or Wishes())
    return {use.look.name: use for use in found}


def layout(folder: Path, *names: str) -> dict[str, tuple[str, str]]:
    write(folder, {name: questions(3) for name in names})
    return {name: (use.ability, use.role) for name, use in uses(folder).items()}


def test_a_folder_for_each_ability(tmp_path: Path) -> None:
    assert layout(tmp_path, "math/train.jsonl", "math/test.jsonl", "code/a.jsonl") == {
        "math/train.jsonl": ("math", "training"),
        "math/test.jsonl": ("math", "evaluation"),
        "code/a.jsonl": ("code", "training"),
    }


def test_files_beside_each_other(tmp_path: Path) -> None:
    assert layout(
        tmp_path, "math_human.jsonl", "math_gpt4.jsonl", "math_test.jsonl", "code-dev.jsonl"
    ) == {
        "math_human.jsonl": ("math", "training"),
        "math_gpt4.jsonl": ("math", "training"),
        "math_test.jsonl": ("math", "evaluation"),
        "code-dev.jsonl": ("code", "skip"),
    }


def test_a_folder_for_each_role(tmp_path: Path) -> None:
    assert layout(tmp_path, "train/math.jsonl", "test/math.jsonl", "train/code.jsonl") == {
        "train/math.jsonl": ("math", "training"),
        "test/math.jsonl": ("math", "evaluation"),
        "train/code.jsonl": ("code", "training"),
    }


def test_one_ability_in_a_folder_of_its_own(tmp_path: Path) -> None:
    assert layout(tmp_path / "my math", "train-0.jsonl", "train-1.jsonl", "eval_set.jsonl") == {
        "train-0.jsonl": ("my-math", "training"),
        "train-1.jsonl": ("my-math", "training"),
        "eval_set.jsonl": ("my-math", "evaluation"),
    }


def test_folders_of_one_name_and_folders_without_letters(tmp_path: Path) -> None:
    found = layout(tmp_path, "en/math/a.jsonl", "zh/math/a.jsonl", "数学/a.jsonl", "逻辑/a.jsonl")
    names = [ability for ability, _ in found.values()]
    assert names[:2] == ["math", "zh-math"]
    assert sorted(names[2:]) == ["ability-1", "ability-2"]


def test_an_evaluation_file_goes_to_the_nearest_training_file(tmp_path: Path) -> None:
    found = layout(
        tmp_path,
        *("sums/easy/train.jsonl", "sums/hard/test.jsonl"),
        *("code_python_train.jsonl", "code_java_train.jsonl", "code_python_hard_test.jsonl"),
        "unrelated/dev.jsonl",
    )
    assert found["sums/hard/test.jsonl"] == ("easy", "evaluation")
    assert found["code_python_hard_test.jsonl"] == ("code-python", "evaluation")
    assert found["unrelated/dev.jsonl"][1] == "skip"


def test_a_lone_test_file_beside_one_ability(tmp_path: Path) -> None:
    assert layout(tmp_path, "math.jsonl", "test.jsonl")["test.jsonl"] == ("math", "evaluation")


def test_who_wrote_the_rows(tmp_path: Path) -> None:
    rows = questions(3)
    named = [row | {"generator": "model-x"} for row in rows]
    output = [{"question": row["question"], "model_output": row["answer"]} for row in rows]
    write(
        tmp_path,
        {
            "a/plain.jsonl": rows,
            "a/by_gpt4.jsonl": rows,
            "a/synthetic.jsonl": rows,
            "a/human.jsonl": rows,
            "alpaca_like/x.jsonl": rows,
            "a/named.jsonl": named,
            "a/output.jsonl": output,
        },
    )
    found = uses(tmp_path)
    writers = {name: (use.origin, use.generator) for name, use in found.items()}
    assert writers == {
        "a/plain.jsonl": ("human", None),
        "a/by_gpt4.jsonl": ("synthetic", "gpt4"),
        "a/synthetic.jsonl": ("synthetic", "unnamed model"),
        "a/human.jsonl": ("human", None),
        "alpaca_like/x.jsonl": ("synthetic", "alpaca"),
        "a/named.jsonl": ("synthetic", "model-x"),
        "a/output.jsonl": ("synthetic", "unnamed model"),
    }
    assert found["a/by_gpt4.jsonl"].origin_from == "`gpt4` in its name"
    assert found["alpaca_like/x.jsonl"].origin_from == "`alpaca` in its folder's name"
    assert found["a/output.jsonl"].origin_from == "the column `model_output`"


def test_what_the_user_says_counts(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.jsonl": questions(3) for name in ("a", "b_gpt4", "c=d [1]", "e")})
    wishes = Wishes.from_flags(
        abilities=["*.jsonl=sums", "e.jsonl=words"],
        origins=["b_*=programmatic", "a.jsonl=synthetic"],
        evaluate=["c=d [1].jsonl"],
        skip=["e*"],
    )
    found = uses(tmp_path, wishes)
    assert {name: use.ability for name, use in found.items()} == {
        "a.jsonl": "sums",
        "b_gpt4.jsonl": "sums",
        "c=d [1].jsonl": "sums",
        "e.jsonl": "words",
    }
    assert (found["a.jsonl"].origin, found["a.jsonl"].generator) == ("synthetic", "unnamed model")
    assert (found["b_gpt4.jsonl"].origin, found["b_gpt4.jsonl"].generator) == ("programmatic", None)
    assert found["c=d [1].jsonl"].role == "evaluation"
    assert (found["e.jsonl"].role, found["e.jsonl"].role_from) == ("skip", "--skip")


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({"abilities": ["math"]}, "a glob, `=` and a value are needed"),
        ({"abilities": ["*=2nd"]}, "starts with a letter"),
        ({"origins": ["*=gpt"]}, "one of: human, synthetic, programmatic"),
    ],
)
def test_flags_that_cannot_be_understood(flags: dict[str, list[str]], why: str) -> None:
    with pytest.raises(UsageError) as caught:
        Wishes.from_flags(**flags)
    assert why in str(caught.value)


def test_a_glob_that_matches_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": questions(3)})
    with pytest.raises(UsageError, match=r"`b\*` matches no file"):
        uses(tmp_path, Wishes.from_flags(skip=["b*"]))
