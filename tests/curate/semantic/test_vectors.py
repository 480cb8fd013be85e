"""Rounded vectors are near enough, and a head never hides a pair."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given

from doitkit.curate.semantic.heads import HEAD, SLACK, heads_of, principal
from tests.curate.semantic.made import Floats, clouds, vectors_of


def _cosines(numbers: Floats) -> np.ndarray:
    """Return the least cosine over the parts of all pairs of rows, in floats."""
    units = numbers.astype(np.float64)
    units /= np.maximum(np.linalg.norm(units, axis=2, keepdims=True), 1e-300)
    return np.einsum("ipd,jpd->ijp", units, units).min(axis=2)


@given(clouds())
def test_cosines_are_right_to_four_places(cloud: Floats) -> None:
    with TemporaryDirectory() as folder:
        vectors = vectors_of(cloud, Path(folder))
        known = np.flatnonzero(vectors.known())
        one, other = (side.ravel() for side in np.meshgrid(known, known))
        found = vectors.similarity(one, other)
    assert known.tolist() == np.flatnonzero(np.abs(cloud).max(axis=2).min(axis=1)).tolist()
    assert np.abs(found - _cosines(cloud)[one, other]).max(initial=0) < 1e-4
    assert (found[one == other] == 1).all()


@given(clouds())
def test_products_of_heads_bound_cosines(cloud: Floats) -> None:
    with TemporaryDirectory() as folder:
        vectors = vectors_of(cloud, Path(folder))
        known = np.flatnonzero(vectors.known())
        one, other = (side.ravel() for side in np.meshgrid(known, known))
        heads = np.array(vectors.heads())
        found = vectors.similarity(one, other)
    assert heads.shape == (len(cloud), HEAD)
    assert not heads[~np.isin(np.arange(len(cloud)), known)].any()
    assert ((heads @ heads.T)[one, other] >= found - SLACK).all()


def test_heads_bound_cosines_along_any_directions() -> None:
    random = np.random.default_rng(3)
    units = random.normal(size=(400, 200)) + 1
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    elsewhere = random.normal(size=(300, 200))
    cosines = units @ units.T
    for directions in (principal(units), principal(elsewhere), np.eye(200)[:, :5]):
        heads = heads_of(units, directions)
        assert (heads @ heads.T >= cosines - SLACK).all()


def test_rows_of_other_kinds_are_not_alike() -> None:
    same = np.ones((3, 1, 4), dtype=np.float32)
    with TemporaryDirectory() as folder:
        vectors = vectors_of(same, Path(folder), [7, 8, 7])
        found = vectors.similarity(np.array([0, 0]), np.array([1, 2]))
    assert found.tolist() == [-1, 1]
