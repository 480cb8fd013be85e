"""An address is told from a path, also where a `Path` has been made of it."""

from pathlib import Path

import pytest

from doitkit.core.addresses import address_of, remote_address


@pytest.mark.parametrize("scheme", ["hf", "s3", "gs", "az", "abfss"])
def test_an_address_is_known_with_one_slash_and_with_two(scheme: str) -> None:
    address = f"{scheme}://bucket/a/b.jsonl"
    assert remote_address(address) == address
    assert remote_address(Path(address)) == address


@pytest.mark.parametrize("text", ["s3", "s3/x", "/s3://x", "a/s3://x", "http://x", "C:/x", "", "."])
def test_a_path_is_no_address(text: str) -> None:
    assert remote_address(text) is None
    assert address_of(text, ".") is None


def test_a_pattern_is_seen_from_the_root_unless_it_stands_alone() -> None:
    assert address_of("x/*.json", "s3://b/root/") == "s3://b/root/x/*.json"
    assert address_of("x.json", Path("gs://b")) == "gs://b/x.json"
    assert address_of("az://c/x.json", "hf://datasets/o/n") == "az://c/x.json"
    assert address_of("hf://datasets/o/n/x.json", "s3://b") == "hf://datasets/o/n/x.json"
    assert address_of("s3://b/x.json", "data") == "s3://b/x.json"
    assert address_of("/data/x.json", "s3://b") is None
