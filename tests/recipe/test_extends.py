"""`extends`: recipes laid over one another, and every part of them still known by its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import RecipeError
from doitkit.recipe import ProblemsError, Recipe, load_recipe
from doitkit.recipe.document import Path as Place
from doitkit.recipe.document import parse
from doitkit.recipe.extends import MOST_FILES
from doitkit.recipe.layers import overlaid
from tests.project import RECIPE


def _written(folder: Path, **files: str) -> Path:
    """Write recipes, whose names may lie in folders (`a__b` is a/b), and return the last one."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return path


def _loaded(folder: Path, **files: str) -> Recipe:
    return load_recipe(_written(folder, **files))


def _problems(folder: Path, **files: str) -> list[tuple[str, str, int]]:
    with pytest.raises(ProblemsError) as caught:
        _loaded(folder, **files)
    found = caught.value.problems
    return [(p.code, Path(p.position.file).name, p.position.line) for p in found]


TRAIN = "train: {base_model: m, epochs: 3, lora: {r: 4, alpha: 8}}\n"


def test_a_recipe_says_only_what_differs(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path,
        base=RECIPE + TRAIN,
        top="extends: base.yaml\nname: longer\ntrain: {epochs: 9, lora: {r: 16}}\n",
    )
    assert recipe.name == "longer"
    assert list(recipe.sources) == ["sums-by-people", "sums-by-model", "words-by-people"]
    assert recipe.train is not None
    assert (recipe.train.epochs, recipe.train.base_model) == (9, "m")
    assert (recipe.train.lora.r, recipe.train.lora.alpha) == (16, 8)


def test_of_several_the_later_wins_and_the_recipe_over_all(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path,
        base=RECIPE + TRAIN,
        gpu="train: {epochs: 4, batch_size: 32, device: cuda}\n",
        long="train: {epochs: 5, batch_size: 64}\n",
        top="extends: [base.yaml, gpu.yaml, long.yaml]\ntrain: {epochs: 6}\n",
    )
    assert recipe.train is not None
    assert (recipe.train.epochs, recipe.train.batch_size) == (6, 64)
    assert (recipe.train.device, recipe.train.base_model) == ("cuda", "m")


def test_recipes_extend_one_another_through_three_files(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path,
        one=RECIPE + TRAIN + "prices: {human: {per_row: 1}}\n",
        two="extends: one.yaml\nname: two\nprices: {human: {per_row: 2}, gpu_hour: 2}\n",
        three="extends: two.yaml\nprices: {gpu_hour: 3}\n",
    )
    assert (recipe.name, recipe.seed) == ("two", 7)
    assert recipe.prices.human is not None
    assert (recipe.prices.human.per_row, recipe.prices.gpu_hour) == (2, 3)


def test_two_recipes_may_extend_the_same_third(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path,
        base=RECIPE + TRAIN,
        a="extends: base.yaml\ntrain: {epochs: 5}\n",
        b="extends: base.yaml\ntrain: {batch_size: 4}\n",
        top="extends: [a.yaml, b.yaml]\n",
    )
    assert recipe.train is not None
    # The later one wins with all that it inherits.
    assert (recipe.train.epochs, recipe.train.batch_size) == (3, 4)


def test_a_shipped_recipe_can_be_extended_by_its_name(tmp_path: Path) -> None:
    recipe = _loaded(tmp_path, top="extends: demo\nname: mine\ntrain: {epochs: 1}\n")
    assert (recipe.name, len(recipe.abilities)) == ("mine", 5)
    assert recipe.data_folder == tmp_path / "data"
    assert recipe.train is not None
    assert recipe.train.base_model == "models/base"


def test_lists_are_replaced_and_an_empty_value_takes_a_key_away(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path,
        base=RECIPE + TRAIN + "ladder: {sizes: [2, 4], designs: [{design: unbalanced, runs: 3}]}\n",
        top="extends: base.yaml\nladder: {sizes: [8]}\ntrain:\nseed: ~\n",
    )
    assert recipe.ladder is not None
    assert recipe.ladder.sizes == [8]
    assert recipe.train is None
    assert recipe.seed == 0


def test_a_mixture_is_replaced_whole_by_a_recipe_and_merged_by_settings(tmp_path: Path) -> None:
    base = RECIPE + "mixture: {counts: {sums: {human: 9}, words: {human: 8}}, repeat_at_most: 2}\n"
    file = _written(tmp_path, base=base, top="extends: base.yaml\n")
    assert load_recipe(file).mixture.counts == {"sums": {"human": 9}, "words": {"human": 8}}
    setting = load_recipe(file, settings=["mixture.counts.sums.synthetic=5"]).mixture
    assert setting.counts == {"sums": {"human": 9, "synthetic": 5}, "words": {"human": 8}}
    assert setting.repeat_at_most == 2
    file.write_text("extends: base.yaml\nmixture: {counts: {sums: {synthetic: 5}}}\n")
    replaced = load_recipe(file).mixture
    assert (replaced.counts, replaced.repeat_at_most) == ({"sums": {"synthetic": 5}}, 1)


PATHS = """
data_root: data
train: {base_model: models/base}
generators:
  local: {provider: local, model: models/teacher}
  other: {provider: local, model: ./not-yet-there}
  hub: {provider: local, model: owner/some-model}
  endpoint: {provider: openai, model: gpt-4.1}
ladder:
  sizes: [8]
  models: {small: models/base, large: owner/large-model}
  designs: [{design: unbalanced, runs: 3}]
"""


def test_paths_hold_when_a_recipe_in_another_folder_is_extended(tmp_path: Path) -> None:
    for model in ("base", "teacher"):
        (tmp_path / "shared" / "models" / model).mkdir(parents=True)
    recipe = _loaded(
        tmp_path,
        shared__base=RECIPE + PATHS,
        runs__deep__top="extends: ../../shared/base.yaml\ntrain: {base_model: small}\n",
    )
    assert recipe.data_folder.resolve() == tmp_path / "shared" / "data"
    assert recipe.train is not None
    assert recipe.train.base_model == "small"
    models = {name: generator.model for name, generator in recipe.generators.items()}
    assert models == {
        "local": "../../shared/models/teacher",
        "other": "../../shared/not-yet-there",
        "hub": "owner/some-model",
        "endpoint": "gpt-4.1",
    }
    assert recipe.base_models() == {
        "small": "../../shared/models/base",
        "large": "owner/large-model",
    }
    assert (recipe.folder / recipe.generators["local"].model).is_dir()


def test_paths_hold_through_two_folders(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path,
        a__base=RECIPE + "data_root: rows\n",
        b__middle="extends: ../a/base.yaml\n",
        c__top="extends: ../b/middle.yaml\n",
    )
    assert recipe.data_folder.resolve() == tmp_path / "a" / "rows"


@pytest.mark.parametrize(
    "root", ["/data", "${ENV:DOITKIT_DATA}/x", "hf://datasets/owner/name", "s3://b/x"]
)
def test_paths_that_hold_everywhere_stay(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOITKIT_DATA", "/data")
    recipe = _loaded(
        tmp_path, a__base=RECIPE + f"data_root: {root}\n", b__top="extends: ../a/base.yaml\n"
    )
    assert recipe.data_root == root


def test_what_an_alias_repeats_is_moved_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "a").mkdir(parents=True)
    more = "generators: {one: &g {provider: local, model: ./a}, two: *g}\n"
    recipe = _loaded(tmp_path, a__base=RECIPE + more, b__top="extends: ../a/base.yaml\n")
    assert {g.model for g in recipe.generators.values()} == {"../a/a"}


def test_a_problem_points_into_the_file_that_holds_the_line(tmp_path: Path) -> None:
    lines = RECIPE.count("\n")
    assert _problems(
        tmp_path,
        base=RECIPE + "curate: {dedup: exactly}\n",
        middle="extends: base.yaml\n\ncaps: {usd: -1}\n",
        top="extends: middle.yaml\nabilities: {words: {weight: high}}\n",
    ) == [("E123", "base.yaml", lines + 1), ("E124", "middle.yaml", 3), ("E122", "top.yaml", 2)]


def test_problems_of_yaml_in_several_files_are_told_at_once(tmp_path: Path) -> None:
    assert _problems(
        tmp_path,
        a="seed: [1\n",
        b="name: x\n\tseed: 1\n",
        top="doitkit: 1\nextends: [a.yaml, b.yaml, c.yaml]\n",
    ) == [("E103", "a.yaml", 1), ("E104", "b.yaml", 2), ("E113", "top.yaml", 2)]


def test_a_problem_of_a_key_that_was_replaced_is_none(tmp_path: Path) -> None:
    recipe = _loaded(
        tmp_path, base=RECIPE.replace("7", "many"), top="extends: base.yaml\nseed: 1\n"
    )
    assert recipe.seed == 1


def test_what_a_part_breaks_stands_in_the_part(tmp_path: Path) -> None:
    found = _problems(
        tmp_path,
        base=RECIPE,
        top="extends: base.yaml\nsources:\n  sums-by-people:\n    path: ../x.jsonl\n",
    )
    assert found == [("E130", "top.yaml", 4)]


@pytest.mark.parametrize("part", [b"name: \xff\n", b"x" * 5_000_000])
def test_a_part_that_is_no_text_or_too_large(part: bytes, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_bytes(part)
    with pytest.raises(RecipeError) as caught:
        _loaded(tmp_path, top="doitkit: 1\nextends: part.yaml\n")
    assert caught.value.code in ("E110", "E111")
    assert "part.yaml" in str(caught.value.where)


def test_at_most_fifty_recipes_are_extended(tmp_path: Path) -> None:
    parts = {f"p{i}": f"name: p{i}\n" for i in range(MOST_FILES + 1)}
    names = ", ".join(f"{name}.yaml" for name in parts)
    found = _problems(tmp_path, **parts, top=f"doitkit: 1\nextends: [{names}]\n")
    assert found == [("E114", "top.yaml", 2)]
    names = ", ".join(["base.yaml", *(f"{name}.yaml" for name in list(parts)[: MOST_FILES - 1])])
    recipe = _loaded(tmp_path, **parts, base=RECIPE, top=f"extends: [{names}]\n")
    assert recipe.name == "p48"


def test_a_list_of_other_things_is_no_list_of_recipes(tmp_path: Path) -> None:
    assert _problems(tmp_path, top=RECIPE + "extends: [3]\n") == [
        ("E122", "top.yaml", RECIPE.count("\n") + 1)
    ]


keys = st.sampled_from(["a", "b", "c", "d e", "é"])
leaves = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", "y z"])
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(keys, values, min_size=1, max_size=5)


def _laid_over(below: Any, above: Any) -> Any:
    """The merge as it is defined: mappings key by key, all else replaced, nothing takes away."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    kept = {key: value for key, value in below.items() if key not in above}
    for key, value in above.items():
        if key not in below:
            kept[key] = value
        elif value is not None:
            kept[key] = _laid_over(below[key], value)
    return kept


def _leaves(value: Any, place: Place = ()) -> list[Place]:
    if not isinstance(value, dict | list) or not value:
        return [place]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, part in inner for leaf in _leaves(part, (*place, key))]


def _holds(value: Any, place: Place) -> bool:
    for part in place:
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(inside, dict) or part not in inside:
            return False
        value = inside[part]
    return True


@given(st.lists(documents, min_size=2, max_size=3))
def test_merging_is_what_it_is_defined_to_be_and_every_leaf_is_found_in_its_file(
    layers: list[dict[str, Any]],
) -> None:
    merged, expected = None, None
    texts = {f"f{i}": json.dumps(v, indent=1, ensure_ascii=False) for i, v in enumerate(layers)}
    for name, value in zip(texts, layers, strict=True):
        document = parse(texts[name], name)
        assert document.flaws == []
        merged = document if merged is None else overlaid(merged, document)
        expected = value if expected is None else _laid_over(expected, value)
    assert merged is not None
    assert merged.value == expected
    assert merged.texts == texts
    for leaf in _leaves(expected):
        place = merged.position_of(leaf)
        holder = max(i for i, value in enumerate(layers) if _holds(value, leaf))
        assert place.file == f"f{holder}"
        line = texts[place.file].split("\n")[place.line - 1]
        if leaf and isinstance(leaf[-1], str):
            found, _ = json.JSONDecoder().raw_decode(line, place.column - 1)
            assert found == leaf[-1]
        elif leaf:
            value = layers[holder]
            for part in leaf:
                value = value[part]  # type: ignore[index]
            assert line[place.column - 1 :].rstrip(",") == json.dumps(value, ensure_ascii=False)


def test_what_an_alias_repeats_is_found_where_it_was_written() -> None:
    below = parse("a: &x\n  p: 1\n  q: 2\nb: *x\n", "below")
    above = parse("b: {q: 3}\n", "above")
    merged = overlaid(below, above)
    assert merged.value == {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}
    assert (merged.position_of(("b", "p")).file, merged.position_of(("b", "p")).line) == (
        "below",
        2,
    )
    assert merged.position_of(("b", "q")).file == "above"
    assert merged.position_of(("a", "q")).file == "below"


def test_paths_hold_through_several_folders(tmp_path: Path) -> None:
    for name in ("lib/deep", "d2/data", "models/m"):
        (tmp_path / name).mkdir(parents=True)
    base = tmp_path / "lib" / "deep" / "base.yaml"
    base.write_text(f"{RECIPE}data_root: ../../d2/data\ntrain: {{base_model: ../../models/m}}\n")
    (tmp_path / "lib" / "mid.yaml").write_text("doitkit: 1\nextends: deep/base.yaml\n")
    top = tmp_path / "top.yaml"
    top.write_text("doitkit: 1\nextends: [lib/mid.yaml]\n")
    recipe = load_recipe(top)
    assert recipe.data_folder.resolve() == (tmp_path / "d2" / "data").resolve()
    assert recipe.train is not None
    assert (tmp_path / recipe.train.base_model).resolve() == (tmp_path / "models" / "m").resolve()


def test_files_beside_an_extended_recipe_are_found_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "base.yaml").write_text(RECIPE)
    (tmp_path / "lib" / "gpu.yaml").write_text("doitkit: 1\nseed: 3\n")
    top = tmp_path / "top.yaml"
    top.write_text("doitkit: 1\nextends: [lib/base.yaml, lib/gpu.yaml]\n")
    assert load_recipe(top).data_folder.resolve() == (tmp_path / "lib").resolve()


@pytest.mark.parametrize("text", ["just text", "[1, 2]", "3"])
def test_what_is_no_recipe_cannot_be_extended(tmp_path: Path, text: str) -> None:
    (tmp_path / "base.yaml").write_text(RECIPE)
    (tmp_path / "other.yaml").write_text(text)
    top = tmp_path / "top.yaml"
    top.write_text("doitkit: 1\nextends: [base.yaml, other.yaml]\n")
    with pytest.raises(ProblemsError) as caught:
        load_recipe(top)
    (problem,) = caught.value.problems
    assert (problem.code, Path(problem.position.file).name) == ("E122", "other.yaml")
