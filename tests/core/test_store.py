"""Steps that exist are finished; those that are damaged are found before they are built on."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doitkit.core.errors import DoitkitError
from doitkit.core.store import STEP_FILE, Store, step_damages


def _made(store: Store, key: int = 1) -> Path:
    def make(folder: Path) -> None:
        (folder / "rows.bin").write_bytes(bytes(range(256)) * 4)
        (folder / "notes.txt").write_text(f"step {key}")

    return store.step("kind", {"key": key}, make)


def test_a_step_is_carried_out_once(tmp_path: Path) -> None:
    first = Store(tmp_path)
    folder = _made(first)
    assert (_made(first), first.executed, list(first.used)) == (folder, ["kind"], [folder])
    again = Store(tmp_path)
    assert (_made(again), again.executed, list(again.used)) == (folder, [], [folder])
    assert _made(again, key=2) != folder
    assert again.executed == ["kind"]
    assert list(step_damages(folder)) == []


def test_a_step_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Store(tmp_path).step("kind", 1, fail)
    assert list((tmp_path / "kind").iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_anywhere_is_found(tmp_path: Path, data: st.DataObject) -> None:
    folder = _made(Store(tmp_path))
    file = folder / data.draw(st.sampled_from(["rows.bin", "notes.txt", STEP_FILE]))
    before = file.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    now = bytearray(before)
    now[at] ^= 1 << data.draw(st.integers(0, 7))
    same = file.name == STEP_FILE and _json(bytes(now)) == _json(before)
    try:
        file.write_bytes(bytes(now))
        assert bool(list(step_damages(folder))) != same
        if not same:
            with pytest.raises(DoitkitError) as caught:
                _made(Store(tmp_path))
            assert f"remove {folder}, and run the same command again" in str(caught.value)
    finally:
        file.write_bytes(before)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


@pytest.mark.parametrize("name", ["rows.bin", "notes.txt"])
def test_a_file_that_is_gone_or_cut_is_named(tmp_path: Path, name: str) -> None:
    folder = _made(Store(tmp_path))
    (folder / name).write_bytes((folder / name).read_bytes()[:3])
    (damage,) = step_damages(folder)
    assert (damage.file, damage.remove) == (folder / name, folder)
    (folder / name).unlink()
    (damage,) = step_damages(folder)
    assert damage.why == "it is gone"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kind": "kind"}', "\x00", '{"files": 1}'])
def test_a_step_that_does_not_say_what_it_is(tmp_path: Path, content: str) -> None:
    folder = _made(Store(tmp_path))
    (folder / STEP_FILE).write_text(content)
    (damage,) = step_damages(folder)
    assert damage.file == folder / STEP_FILE
    with pytest.raises(DoitkitError, match="damaged"):
        _made(Store(tmp_path))


def test_a_step_of_which_somebody_removed_a_part_is_made_anew(tmp_path: Path) -> None:
    folder = _made(Store(tmp_path))
    (folder / STEP_FILE).unlink()
    (folder / "rows.bin").unlink()
    store = Store(tmp_path)
    assert _made(store) == folder
    assert store.executed == ["kind"]
    assert list(step_damages(folder)) == []
