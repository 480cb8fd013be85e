"""What names of files say."""

import pytest

from doitkit.draft.filenames import (
    human_word,
    is_evaluation,
    is_model,
    is_only_a_role,
    label_of,
    role_word,
    shard_key,
    slug,
    stem_of,
    writer_word,
)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/b/train.jsonl.gz", "train"),
        ("dialogsum.dev.jsonl.gz", "dialogsum.dev"),
        ("humaneval-py..gz_gpt-4.jsonl.gz", "humaneval-py..gz_gpt-4"),
        ("HumanEval.JSONL.zst", "HumanEval"),
        ("noending", "noending"),
    ],
)
def test_the_stem(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("test", "test"),
        ("math_eval", "eval"),
        ("dialogsum.dev", "dev"),
        ("AR_DevelopmentData", "Development"),
        ("dev__high_school_biology", "dev"),
        ("held-out", "heldout"),
        ("math hold out", "heldout"),
        ("folio-validation", "validation"),
        ("HumanEval", "Eval"),
    ],
)
def test_words_of_evaluation(stem: str, word: str) -> None:
    assert role_word(stem) == word
    assert is_evaluation(word)


@pytest.mark.parametrize("stem", ["train", "AR_TrainingData", "deontology_train", "train_eval"])
def test_words_of_training(stem: str) -> None:
    assert not is_evaluation(role_word(stem))
    assert role_word(stem) is not None


@pytest.mark.parametrize("stem", ["contest", "latest", "devices", "evaluate_me_not", "gsm8k"])
def test_words_that_only_contain_one(stem: str) -> None:
    assert role_word(stem) is None


def test_folders_that_say_only_a_role() -> None:
    assert all(is_only_a_role(name) for name in ("test", "eval_set", "data", "train-data", "raw"))
    assert not any(is_only_a_role(name) for name in ("math", "alpaca_eval", "2023", "数据"))


@pytest.mark.parametrize(
    ("stem", "label"),
    [
        ("train", ""),
        ("math_train", "math"),
        ("high_school_biology_test", "high-school-biology"),
        ("train-00001-of-00005", ""),
        ("part-0", ""),
        ("train2", ""),
        ("math-human", "math"),
        ("math_gpt4", "math"),
        ("code_alpaca_2k", "code-2k"),
        ("alpaca_data-0-3252-英文", "英文"),
        ("gpt4", "gpt4"),
        ("data", ""),
        ("HumanEval", "HumanEval"),
    ],
)
def test_labels(stem: str, label: str) -> None:
    assert label_of(stem) == label


def test_shards_share_a_key_and_others_do_not() -> None:
    assert shard_key("a/x-00001-of-00005.jsonl") == shard_key("a/x-00002-of-00005.jsonl")
    assert shard_key("a/part-0.json.gz") == shard_key("a/part-11.json.gz")
    assert shard_key("a/part-0.json") != shard_key("b/part-0.json")
    assert shard_key("a/part-0.json") != shard_key("a/part-0.json.gz")
    assert shard_key("a/gsm8k.json") is None
    assert shard_key("a/gpt4.json") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("gpt-4-0314_2010-2022_Math", "gpt-4-0314"),
        ("math_gpt4", "gpt4"),
        ("chatgpt_answers", "chatgpt"),
        ("gpt-3.5-turbo", "gpt-3.5-turbo"),
        ("gpt-4_1.0_naive", "gpt-4"),
        ("gpteacher", "gpt"),
        ("text_davinci_003__outputs", "text_davinci_003"),
        ("code_alpaca_2k", "alpaca"),
        ("claude answers", "claude"),
        ("Synthetic-Persona-Chat", "Synthetic"),
        ("self-instruct", "self-instruct"),
        ("model_output", "model_output"),
    ],
)
def test_words_that_name_a_writer(text: str, word: str) -> None:
    assert writer_word(text) == word


@pytest.mark.parametrize("text", ["gsm8k", "evolution", "regenerated", "palm_trees", "models", ""])
def test_names_without_a_writer(text: str) -> None:
    assert writer_word(text) is None


def test_models_and_people() -> None:
    assert is_model("gpt-4")
    assert not is_model("synthetic")
    assert human_word("math-human") == "human"
    assert human_word("humaneval") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Math (new) [v2]", "math-new-v2"),
        ("Übung_ä", "ubung_a"),
        ("alpaca--中文", "alpaca"),
        ("名词", ""),
        ("2010-2022", ""),
        ("7b_chat", "data-7b_chat"),
        ("a" * 90, "a" * 60),
        ("true", "true"),
    ],
)
def test_slugs(text: str, name: str) -> None:
    assert slug(text) == name
