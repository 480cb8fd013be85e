"""Tables of every layout say the same; names, units and places are read as they are meant."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from doitkit.advise.tables import (
    Compositions,
    MixtureEvidence,
    compositions_of,
    join,
    read_budget,
    read_prices,
    read_sheet,
    scores_of,
)
from doitkit.advise.tables.naming import kind_of_metric, lower_is_better, split_source
from doitkit.growth import Observations
from tests.advise.tables.made import COMPOSITIONS, LOSSES, SCORES, WEIGHTS


def compositions(folder: Path, text: str, name: str = "c.csv") -> Compositions:
    (folder / name).write_text(text, encoding="utf-8")
    return compositions_of(read_sheet(folder / name))


def same(one: Compositions, other: Compositions) -> None:
    assert one.runs == other.runs
    order = [other.sources.index(source) for source in one.sources]
    np.testing.assert_allclose(one.amounts, other.amounts[:, order])


def test_wide_and_long_tables_say_the_same(tmp_path: Path) -> None:
    wide = compositions(tmp_path, COMPOSITIONS)
    assert wide.sources == ("code/human", "code/synthetic", "math/human", "math/synthetic")
    assert wide.unit == "amounts"
    lines = ["run,ability,origin,rows"]
    for run, row in zip(wide.runs, wide.amounts, strict=True):
        for source, n in zip(wide.sources, row, strict=True):
            if n or run == "base":  # what is not listed is not there
                lines.append(f"{run},{source.replace('/', ',')},{n:g}")
    long = compositions(tmp_path, "\n".join(lines))
    same(wide, long)
    assert long.unit == "rows"
    same(wide, compositions(tmp_path, COMPOSITIONS.replace("/", ":")))
    same(wide, compositions(tmp_path, "\ufeff" + COMPOSITIONS.replace("run,", ",", 1)))


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "json", "arrow"])
def test_every_kind_of_file_says_the_same(kind: str, tmp_path: Path) -> None:
    wide = compositions(tmp_path, COMPOSITIONS)
    frame = pl.read_csv(tmp_path / "c.csv")
    file = tmp_path / f"c.{kind}"
    if kind == "arrow":
        frame.write_ipc(file)
    elif kind == "jsonl":
        frame.write_ndjson(file)
    else:
        getattr(frame, f"write_{kind}")(file)
    same(wide, compositions_of(read_sheet(file)))


def test_a_number_for_a_name_is_one_name_in_all_kinds(tmp_path: Path) -> None:
    pl.DataFrame({"index": [1.0, 2.0], "code": [5, 6]}).write_parquet(tmp_path / "c.parquet")
    assert compositions_of(read_sheet(tmp_path / "c.parquet")).runs == ("1", "2")


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        (WEIGHTS, "weights", "sum to 1"),
        ("run,a,b\n1,60.5,39.5\n2,20,80\n", "weights", "sum to 100"),
        ("run,a,b\n1,60,40\n2,20,80\n", "amounts", ""),  # as well a hundred rows
        ("run,source,tokens\n1,a,9000\n1,b,100\n2,a,5\n", "tokens", ""),
        ("run,source,weight\n1,a,0.9\n1,b,0.1\n2,a,1\n", "weights", ""),
        ("run,source,weight\n1,a,90\n1,b,10\n2,a,100\n", "weights", "sum to 100"),
    ],
)
def test_units_are_told_by_the_sums(text: str, unit: str, said: str, tmp_path: Path) -> None:
    made = compositions(tmp_path, text)
    assert made.unit == unit
    assert said in " ".join(made.assumptions)
    assert bool(made.assumptions) == bool(said)
    if unit == "weights":
        np.testing.assert_allclose(made.amounts.sum(axis=1), 1)


def test_seeds_of_one_composition_are_replicates(tmp_path: Path) -> None:
    made = compositions(tmp_path, "run,seed,params,a\nx,1,1e9,5\nx,2,1e9,5\ny,1,1e9,7\n")
    assert made.runs == ("x", "y")
    assert made.seeds == (frozenset("12"), frozenset("1"))
    assert made.params.tolist() == [1e9, 1e9]


def test_scores_wide_and_long_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(SCORES)
    wide = scores_of(read_sheet(tmp_path / "wide.csv"))
    lines = ["run,ability,score,stderr,items,chance,metric"]
    lines += [
        f"{score.run},{outcome.name},{score.value},,100,0.02,accuracy"
        for outcome in wide.outcomes
        for score in outcome.scores
    ]
    (tmp_path / "long.csv").write_text("\n".join(lines))
    long = scores_of(read_sheet(tmp_path / "long.csv"))
    for one, other in zip(wide.outcomes, long.outcomes, strict=True):
        assert [(s.run, s.value) for s in one.scores] == [(s.run, s.value) for s in other.scores]
        assert (one.chance, other.chance, other.metric) == (None, 0.02, "accuracy")
        assert {s.items for s in other.scores} == {100.0}


def test_cells_without_a_score_are_not_scored_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SCORES.replace("0.40", "").replace("0.30", "NaN"))
    found = scores_of(read_sheet(tmp_path / "s.csv"))
    assert [len(outcome.scores) for outcome in found.outcomes] == [5, 7]
    assert found.assumptions == ("2 cells hold no score: such runs count as not scored there",)


def test_the_table_of_regmix_is_taken_as_it_is(data_folder: Path) -> None:
    folder = data_folder / "runs" / "sail-sg_regmix"
    if not folder.is_dir():
        pytest.skip("no runs of RegMix in the data folder")
    made = compositions_of(read_sheet(folder / "train_mixture_1m.csv"))
    scores = scores_of(read_sheet(folder / "train_pile_loss_1m.csv"))
    evidence = join(made, scores, "human")
    assert isinstance(evidence.told, MixtureEvidence)
    assert evidence.told.weights.shape == (512, 17)
    assert evidence.told.outcomes.shape == (512, 13)
    assert evidence.told.totals is None
    assert all(evidence.told.lower)
    assert np.isfinite(evidence.told.outcomes).all()
    np.testing.assert_allclose(evidence.told.weights.sum(axis=1), 1)
    said = " ".join(evidence.assumptions)
    assert "sum to 1: they are taken for weights" in said
    assert "no size axis" in said
    assert "lower is better for `metric/the_pile_arxiv_val_loss`" in said


def test_the_order_of_rows_and_columns_does_not_matter(tmp_path: Path) -> None:
    def told(compositions_text: str, scores_text: str) -> Observations:
        (tmp_path / "s.csv").write_text(scores_text)
        made = compositions(tmp_path, compositions_text)
        found = join(made, scores_of(read_sheet(tmp_path / "s.csv")), "human").told
        assert isinstance(found, Observations)
        return found

    head, *lines = COMPOSITIONS.splitlines()
    back = "\n".join([head, *reversed(lines)])
    columns = [line.split(",") for line in back.splitlines()]
    turned = "\n".join(",".join([row[0], *reversed(row[1:])]) for row in columns)
    one, other = told(COMPOSITIONS, SCORES), told(turned, SCORES)
    assert one.runs == other.runs
    np.testing.assert_allclose(one.counts, other.counts)
    np.testing.assert_allclose(one.scores, other.scores)


def test_a_mixture_of_equal_sizes_has_no_size_axis(tmp_path: Path) -> None:
    rows = "\n".join(
        ",".join([line.split(",")[0], *(f"{1000 * float(x):g}" for x in line.split(",")[1:])])
        for line in WEIGHTS.splitlines()[1:]
    )
    (tmp_path / "s.csv").write_text(LOSSES)
    made = compositions(tmp_path, WEIGHTS.splitlines()[0] + "\n" + rows)
    found = join(made, scores_of(read_sheet(tmp_path / "s.csv")), "human")
    assert isinstance(found.told, MixtureEvidence)
    assert found.told.totals is None
    assert "about one size" in " ".join(found.assumptions)


@pytest.mark.parametrize(
    ("said", "amount", "unit"),
    [
        ("5000", 5000, None), ("5000usd", 5000, "usd"), ("5000 USD", 5000, "usd"),
        ("5,000eur", 5000, "eur"), ("2.5e3usd", 2500, "usd"), ("5000€", 5000, "eur"),
        ("0", 0, None),
    ],
)  # fmt: skip
def test_budgets(said: str, amount: float, unit: str | None) -> None:
    found = read_budget(said)
    assert (found.amount, found.unit) == (amount, unit)


def test_the_price_that_says_most_counts(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "unit: EUR\ntokens_per_row: 300\nlot: 5\n"
        "every: 9\nhuman: {per_row: 1, abilities: {math: {per_row: 4}}}\n"
        "code:synthetic: {per_1k_tokens: 0.2, supply: 70}\narxiv: 3\n"
        "supply: {math/human: 500}\n"
    )
    found = read_prices(file)
    assert (found.unit, found.tokens_per_row, found.lot) == ("eur", 300, 5)
    assert {
        source: (price.amount, price.tokens, price.supply)
        for source in ("code/human", "math/human", "code/synthetic", "math/synthetic", "arxiv")
        if (price := found.of(source, "human"))
    } == {
        "code/human": (1, False, np.inf),
        "math/human": (4, False, 500),
        "code/synthetic": (0.2, True, 70),
        "math/synthetic": (9, False, np.inf),
        "arxiv": (3, False, np.inf),
    }
    file.write_text("prices: {human: {per_row: 2}}\n")  # a recipe's own block
    price = read_prices(file).of("code", "human")
    assert price is not None
    assert price.amount == 2


@pytest.mark.parametrize(
    ("name", "lower", "kind"),
    [
        ("metric/the_pile_arxiv_val_loss", True, "nats"), ("bits_per_byte", True, "bits"),
        ("wikitext-ppl", True, "perplexity"), ("WER", True, "share"), ("exact_match", False, "-"),
        ("lossless", False, "-"), ("mirror", False, "-"), ("rmse", True, "unknown"),
    ],
)  # fmt: skip
def test_names_tell_which_way_is_better(name: str, lower: bool, kind: str) -> None:
    assert lower_is_better(name) is lower
    if lower:
        assert kind_of_metric(name) == kind


def test_sources_are_abilities_and_origins_where_they_say_so() -> None:
    assert split_source("code/human") == ("code", "human")
    assert split_source("a/b:synthetic") == ("a/b", "synthetic")
    assert split_source("domain/arxiv") == ("domain/arxiv", None)
    assert split_source("/human") == ("/human", None)


def test_the_prices_of_the_docs_are_read(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "own-tables.md").read_text()
    blocks = [part.split("```")[0] for part in text.split("```yaml\n")[1:]]
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block)
        assert read_prices(file).of("train_the_pile_pile_cc", "human") is not None
