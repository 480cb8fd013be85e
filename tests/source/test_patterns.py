"""A pattern matches among names what it matches in a folder."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.source.patterns import matching, searched

PARTS = st.sampled_from(["a", "b", "ab", "a.json", "b.json", ".c"])
NAMES = st.sets(st.lists(PARTS, min_size=1, max_size=3).map("/".join), max_size=8)
PATTERN_PARTS = st.sampled_from(["a", "b", "*", "?", "a*", "*.json", "[ab]", "**", "[!a]*"])
PATTERNS = st.lists(PATTERN_PARTS, min_size=1, max_size=3).filter(lambda parts: parts[-1] != "**")


@settings(max_examples=40)
@given(names=NAMES, parts=PATTERNS)
def test_names_are_matched_as_files_of_a_folder_are(names: set[str], parts: list[str]) -> None:
    # What is a folder for one name cannot be the file of another.
    files = {n for n in names if not any(other.startswith(f"{n}/") for other in names)}
    pattern = "/".join(parts)
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
        expected = [path.relative_to(folder).as_posix() for path in found]
    assert matching(pattern, sorted(files)) == expected


@settings(max_examples=40)
@given(names=NAMES, parts=PATTERNS)
def test_all_matches_lie_where_they_are_searched(names: set[str], parts: list[str]) -> None:
    search = searched("/".join(parts))
    for name in matching("/".join(parts), sorted(names)):
        if search is None:
            assert name == "/".join(parts)
        else:
            folder, deeper = search
            below = name.removeprefix(f"{folder}/") if folder else name
            assert (below == name) is (folder == "")
            assert deeper or "/" not in below


@pytest.mark.parametrize(
    ("pattern", "search"),
    [
        ("a/b.json", None),
        ("a/*.json", ("a", False)),
        ("*.json", ("", False)),
        ("a/**/b.json", ("a", True)),
        ("a/[b]/c/*.json", ("a", True)),
    ],
)
def test_the_folder_that_is_searched(pattern: str, search: tuple[str, bool] | None) -> None:
    assert searched(pattern) == search
