"""The real harness on real models: every value equals what plain torch computes."""

import json
import math
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from doitkit.core.errors import EvaluationError, ModelError
from doitkit.evaluate.harness import load_tokenizer
from doitkit.evaluate.items import Question
from doitkit.recipe.data import EvaluationSet
from tests.evaluate.items import declared, row
from tests.evaluate.plain import Plain, score, subject
from tests.models import byte_tokenizer, write_weights
from tests.train.templates import FORMATS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chatml_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose prompts end in a line break, and whose tokens are pieces of bytes."""
    folder = tmp_path_factory.mktemp("models") / "chatml"
    form = FORMATS["chatml"]
    tokenizer = byte_tokenizer(form.template, list(form.special), eos=form.eos)
    tokenizer.save_pretrained(folder)
    write_weights(folder, tokenizer, layers=2, seed=4)
    return folder


TEXTS = [
    "the cat",
    "an ant \u2615",
    "[1, 2]",
    "7",
    "\u662f\u7684",
    "in\nthe end",
    "{{ no }}",
    "yes",
]
PROMPTS = [f"Question {i}: what is {'very ' * (i % 4)}true?" for i in range(len(TEXTS))]


def open_rows() -> list[dict[str, Any]]:
    return [
        row(q, a, system="Be brief." if i % 3 == 0 else None)
        for i, (q, a) in enumerate(zip(PROMPTS, TEXTS, strict=True))
    ]


def choice_rows(seed: int = 0) -> list[dict[str, Any]]:
    found = []
    for i, prompt in enumerate(PROMPTS * 3):
        choices = tuple(TEXTS[(i * 3 + k * (seed + 1)) % len(TEXTS)] for k in range(3))
        found.append(row(f"{prompt} {i}", choices[i % 3], choices))
    return found


@pytest.mark.parametrize("which", ["chatml", "tiny"])
def test_values_equal_an_independent_computation(
    which: str, chatml_model: Path, tiny_model: Path, tmp_path: Path
) -> None:
    model = chatml_model if which == "chatml" else tiny_model
    sets: dict[str, tuple[EvaluationSet, list[dict[str, Any]]]] = {
        "bits": (declared("bits_per_byte"), open_rows()),
        "open": (declared("choice_likelihood"), open_rows()),
        "choice": (declared("multiple_choice"), choice_rows()),
    }
    if which == "tiny":  # whose template leaves system messages out
        sets["bits"] = (
            declared("bits_per_byte"),
            [r for r in open_rows() if len(r["messages"]) == 2],
        )
    values, items = score(model, tmp_path, sets)
    plain = Plain(model)
    assert values["bits"] == {
        item.id: pytest.approx(plain.bits_per_byte(item), rel=1e-4) for item in items["bits"]
    }
    assert values["open"] == {i.id: plain.choice(i, per_byte=True) for i in items["open"]}
    assert values["choice"] == {i.id: plain.choice(i, per_byte=False) for i in items["choice"]}
    assert {0.0, 1.0} == set(values["choice"].values())


def test_choice_by_likelihood_is_per_byte_not_per_character(
    chatml_model: Path, tmp_path: Path
) -> None:
    wide = ["\u662f\u7684\u662f", "yes", "\u2615\u2615", "it"]
    rows = [
        row(f"{prompt} {i}", wide[i % 4], (wide[i % 4], wide[(i + 1) % 4]))
        for i, prompt in enumerate(PROMPTS * 3)
    ]
    values, items = score(chatml_model, tmp_path, {"a": (declared("choice_likelihood"), rows)})
    plain = Plain(chatml_model)
    assert values["a"] == {i.id: plain.choice(i, per_byte=True) for i in items["a"]}


def answered(values: dict[str, float], items: Sequence[Question]) -> list[float]:
    return [values[item.id] for item in items]


def test_exact_match_of_a_model_that_knows(base_model: Path, tmp_path: Path) -> None:
    sets = {
        "repeat": (
            declared("exact_match"),
            [row(f"Repeat: {w}", w) for w in ("abc", "house", "tin")],
        ),
        "letter": (
            declared("exact_match"),
            [row("Letter 2 of house", "o"), row("Letter 1 of tin", "t")],
        ),
        "sum": (
            declared("exact_match", extract=r"([0-9]+)"),
            [row("7 plus 5", "It is 12."), row("3 plus 3", "#### 6"), row("2 plus 2", "5")],
        ),
        "case": (declared("exact_match"), [row("Repeat: abc", "ABC")]),
        "short": (declared("exact_match", max_new_tokens=2), [row("Repeat: house", "house")]),
    }
    values, items = score(base_model, tmp_path, sets)
    assert answered(values["repeat"], items["repeat"]) == [1.0, 1.0, 1.0]
    assert answered(values["letter"], items["letter"]) == [1.0, 1.0]
    assert answered(values["sum"], items["sum"]) == [1.0, 1.0, 0.0]
    assert answered(values["case"], items["case"]) == [1.0]
    assert answered(values["short"], items["short"]) == [0.0]


def test_answers_that_look_like_lists_or_numbers_are_texts(
    base_model: Path, tmp_path: Path
) -> None:
    # The model repeats letters only, so the reference is compared with a text it cannot give.
    rows = [row("Repeat: abc", a) for a in ("['abc']", "[1, 2]", "abc")]
    rows = [{**r, "id": str(i)} for i, r in enumerate(rows)]
    values, items = score(base_model, tmp_path, {"a": (declared("exact_match"), rows)})
    assert answered(values["a"], items["a"]) == [0.0, 0.0, 1.0]


def test_generation_ends_at_the_mark_of_the_template(base_model: Path, tmp_path: Path) -> None:
    """As in formats where a turn ends with another token than a text does."""
    folder = tmp_path / "model"
    shutil.copytree(base_model, folder)
    # The token of `u` becomes the mark, so that the model says it in the middle of a word.
    file = folder / "tokenizer.json"
    stored = json.loads(file.read_text())
    token = stored["model"]["vocab"].pop("u")
    stored["model"]["vocab"]["<end>"] = token
    stored["added_tokens"].append({**stored["added_tokens"][0], "id": token, "content": "<end>"})
    file.write_text(json.dumps(stored))
    template = folder / "chat_template.jinja"
    template.write_text(template.read_text().replace("<e>", "<end>"))

    sets = {"a": (declared("exact_match"), [row("Repeat: ho<end>se", "ho")])}
    values, items = score(folder, tmp_path, sets)
    assert answered(values["a"], items["a"]) == [1.0]


def test_generation_begins_as_training_does(tmp_path: Path) -> None:
    """With no token before the prompt that the template does not put there."""
    folder = tmp_path / "model"
    form = FORMATS["chatml"]
    special = list(form.special)
    tokenizer = byte_tokenizer(form.template, special, eos=form.eos, bos="<s>", adds_bos=True)
    tokenizer.save_pretrained(folder)
    write_weights(folder, tokenizer, layers=2, seed=1)
    plain = Plain(folder)
    prompts = ["Who?", "What is it?", "Where is the tin?"]
    rows = [row(q, plain.said(q, 12)) for q in prompts]
    values, items = score(
        folder, tmp_path, {"a": (declared("exact_match", max_new_tokens=12), rows)}
    )
    assert answered(values["a"], items["a"]) == [1.0, 1.0, 1.0]


def test_a_tokenizer_without_a_chat_template(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    tokenizer = byte_tokenizer(None, [], bos="<s>", adds_bos=True)
    tokenizer.save_pretrained(folder)
    write_weights(folder, tokenizer)
    sets = {"bits": (declared("bits_per_byte"), open_rows())}
    values, items = score(folder, tmp_path, sets)
    plain = Plain(folder)
    assert values["bits"] == {
        item.id: pytest.approx(plain.bits_per_byte(item), rel=1e-4) for item in items["bits"]
    }


def test_prompts_without_a_template(base_model: Path, tmp_path: Path) -> None:
    sets = {"bits": (declared("bits_per_byte"), [row("abc", "abd")])}
    values, items = score(base_model, tmp_path, sets, chat_template=False)
    expected = Plain(base_model).nats("abc\n", "abd") / math.log(2) / 3
    assert values["bits"][items["bits"][0].id] == pytest.approx(expected, rel=1e-4)


def test_scoring_asks_no_network_and_leaves_no_cache_at_home(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    score(tiny_model, tmp_path, {"bits": (declared("bits_per_byte"), open_rows()[1:3])})
    assert {p.name for p in tmp_path.iterdir()} == {"tasks", "cache"}
    assert list((tmp_path / "cache").rglob("*.arrow"))


def test_bfloat16_scores_are_near(chatml_model: Path, tmp_path: Path) -> None:
    sets = {"bits": (declared("bits_per_byte"), open_rows())}
    full, _ = score(chatml_model, tmp_path, sets)
    half, _ = score(subject(chatml_model, dtype="bfloat16"), tmp_path, sets)
    assert half["bits"] != full["bits"]
    assert half["bits"] == pytest.approx(full["bits"], rel=0.05)


def test_a_generation_longer_than_the_model_takes_is_said(tiny_model: Path, tmp_path: Path) -> None:
    sets = {"a": (declared("exact_match", max_new_tokens=300), [row("abc", "abc")])}
    with pytest.raises(EvaluationError, match="harness failed") as caught:
        score(tiny_model, tmp_path, sets)
    assert "300" in str(caught.value)
    assert caught.value.exit_code == 1


def test_weights_that_are_gone_are_said(tiny_model: Path, tmp_path: Path) -> None:
    gone = subject(tiny_model, weights=tmp_path / "gone", method="full")
    with pytest.raises(ModelError, match="weights of a trained run are gone"):
        load_tokenizer(gone)


def test_a_damaged_model_is_said(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    (folder / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ModelError, match="cannot be loaded"):
        score(folder, tmp_path, {"bits": (declared("bits_per_byte"), open_rows()[1:3])})
