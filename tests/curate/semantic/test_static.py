"""Static models: what is read of a text, which folders are models, and the one that ships."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from doitkit.core.errors import MissingExtraError, ModelError
from doitkit.curate.semantic import Embedder, load_embedder
from tests.curate.semantic.made import WORDS, write_static


@pytest.fixture
def tiny(tmp_path: Path) -> Embedder:
    write_static(tmp_path / "tiny")
    return load_embedder("tiny", tmp_path)


@pytest.fixture(scope="module")
def shipped() -> Embedder:
    if find_spec("wordllama") is None:
        pytest.skip("the extra `semantic` is not installed")
    return load_embedder("wordllama", Path())


def cosine(model: Embedder, one: str, other: str) -> float:
    a, b = model.vectors([one, other]).astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_a_text_is_the_sum_of_its_tokens(tiny: Embedder) -> None:
    found = tiny.vectors(["big cat", "cat big", "cat cat dog", ""])
    assert tiny.dimensions == 3
    assert found.tolist() == [[3, 2, 0], [3, 2, 0], [0, 4, 2], [0, 0, 0]]
    assert tiny.vectors([]).shape == (0, 3)


def test_unknown_words_are_not_summed_and_too_many_make_a_text_unreadable(tiny: Embedder) -> None:
    known = "cat " * 9
    assert tiny.vectors([known + "?", known + "? ?"]).tolist() == [[0, 18, 0], [0, 0, 0]]


def test_a_text_has_the_same_vector_in_any_company(shipped: Embedder) -> None:
    texts = [f"{word} and {number}" for number, word in enumerate(["a", "cat", "牛"] * 700)]
    alone = np.concatenate([shipped.vectors([text]) for text in texts[1020:1030]])
    assert shipped.vectors(texts)[1020:1030].tolist() == alone.tolist()


def test_the_address_is_that_of_the_files(tmp_path: Path) -> None:
    write_static(tmp_path / "one")
    write_static(tmp_path / "same")
    write_static(tmp_path / "other", {**WORDS, "dog": [1.0, 1.0, 1.0]})
    one, same, other = (load_embedder(n, tmp_path).address for n in ("one", "same", "other"))
    assert one == same != other


def test_names_that_are_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        load_embedder("wordlama", tmp_path)
    assert "wordllama" in str(refused.value.next_step)
    with pytest.raises(ModelError) as refused:
        load_embedder("models/none", tmp_path)
    assert refused.value.where == str(tmp_path / "models/none")


def test_folders_that_are_no_static_model(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"lacks its model\.safetensors"):
        load_embedder("empty", tmp_path)
    file = write_static(tmp_path / "other") / "model.safetensors"
    for tensors in (
        {"encoder.weight": np.ones((6, 3), dtype=np.float32)},
        {"embeddings": np.ones((5, 3), dtype=np.float32)},
        {"embeddings": np.ones(6, dtype=np.float32)},
    ):
        save_file(tensors, file)
        with pytest.raises(ModelError, match="no static embedding model"):
            load_embedder("other", tmp_path)
    file.write_bytes(b"\xff" * 20)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_embedder("other", tmp_path)


def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("doitkit.curate.semantic.embedder.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as refused:
        load_embedder("wordllama", tmp_path)
    assert refused.value.next_step == "pip install 'doitkit[semantic]'"
    write_static(tmp_path / "tiny")
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(MissingExtraError):
        load_embedder("tiny", tmp_path)


def test_the_shipped_model_is_read_without_its_package(shipped: Embedder) -> None:
    assert (shipped.dimensions, shipped.address) == (256, "aa5922c345da95107116455363fccbb3")
    code = (
        "import logging, sys; from pathlib import Path\n"
        "from doitkit.curate.semantic import load_embedder\n"
        "load_embedder('wordllama', Path()).vectors(['a'])\n"
        "print('wordllama' in sys.modules, logging.getLogger().handlers)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False []\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What year did the American Revolution start?", "When did the American Revolution begin?"),
        ("Name five countries whose official language is Spanish.",
         "Name five countries where Spanish is the official language."),
        ("Explain the concept of exponential growth.", "Explain what exponential growth means."),
    ],
)  # fmt: skip
def test_paraphrases_are_alike(shipped: Embedder, one: str, other: str) -> None:
    assert cosine(shipped, one, other) > 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is the capital of France?", "What is the capital of Mongolia?"),
        ("Write a poem about the sea in winter.", "Write a report about the budget in winter."),
        ("How do I boil an egg?", "How do I repair a flat tyre?"),
    ],
)
def test_other_questions_with_shared_words_are_not(shipped: Embedder, one: str, other: str) -> None:
    assert cosine(shipped, one, other) < 0.85


@pytest.mark.parametrize(
    "text", ["湖水清澈见底，我们可以看到鱼儿在水中游来游去。", "호수의 물이 매우 맑았다"]
)
def test_scripts_that_the_shipped_model_lacks_are_not_read(shipped: Embedder, text: str) -> None:
    assert not shipped.vectors([text]).any()
    assert shipped.vectors([f"L'eau du lac était si claire: {text[:1]}"]).any()
