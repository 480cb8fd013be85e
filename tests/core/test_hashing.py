"""Content hashes: equal content, equal name; different content, different name."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.hashing import (
    canonical_json,
    digest,
    digest_files,
    digest_folder,
    digest_text,
    rank_key,
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_canonical_json_reads_back_and_is_its_own_form(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(st.text(), json_values), st.randoms(use_true_random=False))
def test_the_digest_is_blind_to_the_order_of_keys(value: dict[str, Any], draw: Any) -> None:
    shuffled = list(value.items())
    draw.shuffle(shuffled)
    assert digest(dict(shuffled)) == digest(value)


@given(json_values, json_values)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == (canonical_json(one) == canonical_json(other))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_json_cannot_name_has_no_digest(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest({"loss": value})


def test_digests_are_pinned() -> None:
    # Names of what users have built rest on these: never change them.
    assert digest({"b": [1, None], "a": "é"}) == "d76dff578d92e51130e57f3ca4fabb6c"
    assert rank_key(7, "0123") == 13807649360728393070


def test_lone_surrogates_are_kept_apart() -> None:
    assert digest_text("\ud800") != digest_text("\ud801") != digest_text("?")


@given(st.lists(st.binary(max_size=20), max_size=4))
def test_a_digest_of_files_depends_on_contents_and_order_alone(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    one = [folder / f"a{i}" for i in range(len(contents))]
    other = [folder / f"b{i}" for i in range(len(contents))]
    for path, content in zip(one + other, contents * 2, strict=True):
        path.write_bytes(content)
    assert digest_files(one) == digest_files(other)
    if contents != contents[::-1]:
        assert digest_files(one) != digest_files(one[::-1])


def test_where_one_file_ends_and_the_next_begins_counts(tmp_path: Path) -> None:
    for name, content in {"a": "xy", "b": "z", "c": "x", "d": "yz"}.items():
        (tmp_path / name).write_text(content)
    ab, cd = [tmp_path / "a", tmp_path / "b"], [tmp_path / "c", tmp_path / "d"]
    assert digest_files(ab) != digest_files(cd)


def test_the_digest_of_a_folder_counts_names_and_skips_other_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    before = digest_folder(tmp_path, (".json",))
    (tmp_path / "README.md").write_text("changed")
    (tmp_path / "deeper").mkdir()
    assert digest_folder(tmp_path, (".json",)) == before
    (tmp_path / "config.json").rename(tmp_path / "other.json")
    assert digest_folder(tmp_path, (".json",)) != before


@given(st.integers(0, 2**32 - 1), st.text(), st.text())
def test_ranks_are_keyed_by_the_seed(seed: int, one: str, other: str) -> None:
    assert 0 <= rank_key(seed, one) < 2**64
    assert (rank_key(seed, one) == rank_key(seed, other)) == (one == other)
    assert rank_key(seed, one) != rank_key(seed + 1, one)
