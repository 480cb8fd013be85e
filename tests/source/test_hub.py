"""Files of the Hub are read as those of a folder are, from one commit, and without it if cached.

The Hub is a local server; its client reads its settings once, so every command is a process.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source import read_records
from doitkit.source.files import resolve
from tests.source.hub_server import HubServer, commit_of, serving

ROOT = "hf://datasets/lab/abilities"
KEY = "hf_never_to_be_seen"
_NOT_OPENED = "the given token does not open it"

_COMMAND = """
import json, sys
from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source import read_records, source_files
found = {}
try:
    for patterns, root in json.load(sys.stdin):
        rows = Rows(path=patterns, format="messages")
        files = source_files({"s": rows}, root)["s"]
        reading = read_records("s", rows, root, ability="a", origin="human")
        found.setdefault("files", []).append([str(file) for file in files])
        found.setdefault("records", []).append([[r.id, r.file, r.line] for r in reading.records])
        rejects = [[r.file, r.line, r.reason] for r in reading.rejects]
        found.setdefault("rejects", []).append(rejects)
except SourceError as error:
    found["error"] = [error.what, error.where, error.why, error.next_step]
print(json.dumps(found))
"""


def _rows(ability: str, count: int) -> bytes:
    lines = [
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": f"{ability} {i}?"},
                    {"role": "assistant", "content": "是的"},
                ],
                "idx": i,
            }
        )
        for i in range(count)
    ]
    return "\n".join([*lines, '{"messages": []}', "not JSON", ""]).encode()


FILES = {
    "README.md": b"# A data set\n",
    "curated/full/biology_full.json": _rows("biology", 3),
    "curated/full/math_full.json": _rows("math", 2),
    "curated/full/z[1].json": _rows("bracket", 1),
    "curated/test/biology_test.json": _rows("test", 2),
    "curated/full/deep/role play.json": _rows("role", 1),
}


@dataclass
class Client:
    """Runs commands in processes of their own, against one server and with one cache."""

    hub: HubServer
    home: Path
    stderr: str = ""

    def run(self, *asked: tuple[str | list[str], str], **environment: str) -> dict[str, Any]:
        """Read each (patterns, data root) and return what was found."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", _COMMAND],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=kept | {"HF_ENDPOINT": self.hub.address, "HF_HOME": str(self.home)} | environment,
        )
        assert ran.returncode == 0, ran.stderr
        self.stderr = ran.stderr
        assert KEY not in ran.stdout + ran.stderr
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    def error(self, patterns: str | list[str], root: str = ROOT, **environment: str) -> list[str]:
        """Return what, where, why and next step of the error that reading ends in."""
        found = self.run((patterns, root), **environment)
        assert found.keys() == {"error"}, found
        error: list[str] = found["error"]
        return error

    @property
    def cached(self) -> set[str]:
        """The names of the files that the cache holds."""
        folders = self.home.glob("hub/datasets--lab--abilities/snapshots/*")
        return {
            str(path.relative_to(folder))
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    hub = HubServer({"lab/abilities": [dict(FILES)]})
    with serving(hub):
        yield Client(hub, tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same files in a folder of this machine."""
    for name, content in FILES.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    return tmp_path / "folder"


PATTERNS: list[str | list[str]] = [
    "curated/full/math_full.json",
    "./curated/full/math_full.json",
    "curated/full/*.json",
    "curated/*/bio*.json",
    "**/*.json",
    "curated/**/[br]*.json",
    "curated/full/z[1].json",
    "curated/full/z[[]?].json",
    ["curated/test/biology_test.json", "curated/full/????_full.json"],
]


def test_the_hub_gives_what_a_folder_of_the_same_files_gives(client: Client, folder: Path) -> None:
    there = client.run(*((pattern, ROOT) for pattern in PATTERNS))
    here = client.run(*((pattern, str(folder)) for pattern in PATTERNS))
    assert there["records"] == here["records"]
    assert there["rejects"] == here["rejects"]
    assert all(there["records"])
    assert there["rejects"][0] == [
        ["curated/full/math_full.json", 4, "not JSON: Expecting value: line 1 column 1 (char 0)"],
        ["curated/full/math_full.json", 3, "`messages` is not a list of messages"],
    ]


def test_only_what_the_paths_name_is_downloaded_and_only_once(client: Client) -> None:
    first = client.run(("curated/full/*.json", ROOT), ("curated/full/math_full.json", ROOT))
    named = {name for name in FILES if name.startswith("curated/full/") and name.count("/") == 2}
    assert client.cached == named
    assert len(client.hub.requests("GET /datasets")) == len(named)
    assert len(client.hub.requests("/tree/")) <= 2
    client.hub.asked.clear()
    assert client.run(("curated/full/*.json", ROOT), ("curated/full/math_full.json", ROOT)) == first
    assert client.hub.requests() == ["GET /api/datasets/lab/abilities"]
    assert client.stderr == ""


def test_a_path_of_its_own_may_name_a_data_set_beside_local_files(
    client: Client, folder: Path
) -> None:
    client.hub.versions["other/set"] = [{"data/rows.json": _rows("other", 2)}]
    pattern = ["curated/full/math_full.json", "hf://datasets/other/set/data/*.json"]
    expected = {"curated/full/math_full.json", "data/rows.json"}
    for root in (str(folder), ROOT):
        found = client.run((pattern, root))
        assert {file for _, file, _ in found["records"][0]} == expected
        assert {file for file, _, _ in found["rejects"][0]} == expected


def test_a_folder_of_a_data_set_may_be_the_root(client: Client, folder: Path) -> None:
    there = client.run((["full/math_full.json", "test/*.json"], f"{ROOT}/curated"))
    here = client.run((["full/math_full.json", "test/*.json"], str(folder / "curated")))
    assert there["records"] == here["records"]
    assert there["rejects"] == here["rejects"]


def test_all_files_of_one_command_are_of_one_commit(client: Client) -> None:
    client.hub.next_version = dict.fromkeys(FILES, _rows("changed", 9))
    asked = [("curated/full/math_full.json", ROOT), ("curated/test/*.json", ROOT)]
    found = client.run(*asked)
    assert len(client.hub.versions["lab/abilities"]) == 2
    assert [len(records) for records in found["records"]] == [2, 2]
    assert all(commit_of(0) in file for files in found["files"] for file in files)
    assert [len(records) for records in client.run(*asked)["records"]] == [9, 9]


def test_a_revision_is_a_tag_a_branch_or_a_commit(client: Client) -> None:
    client.hub.versions["lab/abilities"].append(dict.fromkeys(FILES, _rows("changed", 9)))
    client.hub.tags |= {"v1": 0, "try/2": 0}
    pattern = "curated/full/math_full.json"
    for revision, rows in [("v1", 2), ("try%2F2", 2), (commit_of(0), 2), ("main", 9)]:
        found = client.run((pattern, f"{ROOT}@{revision}"))
        assert len(found["records"][0]) == rows
    alone = client.run((f"{ROOT}@v1/{pattern}", "."))
    assert len(alone["records"][0]) == 2
    client.hub.asked.clear()
    assert client.run((pattern, f"{ROOT}@{commit_of(0)}"))
    assert client.hub.requests() == []


def test_what_was_used_once_is_used_without_the_hub(client: Client) -> None:
    asked = [("curated/*/*.json", ROOT), ("curated/full/math_full.json", ROOT)]
    first = client.run(*asked)
    client.hub.asked.clear()
    assert client.run(*asked, HF_HUB_OFFLINE="1") == first
    assert client.stderr == ""
    assert client.hub.requests() == []
    client.hub.status = 503
    assert client.run(*asked) == first
    assert "Using cached commit" in client.stderr
    assert client.run(*asked, HF_ENDPOINT="http://127.0.0.1:9") == first


def test_offline_a_part_of_the_files_is_never_taken_for_all(client: Client) -> None:
    client.run(("curated/full/math_full.json", ROOT))
    what, where, _, next_step = client.error("curated/full/*.json", HF_HUB_OFFLINE="1")
    assert "the cache does not hold" in what
    assert where == f"{ROOT}/curated/full/*.json"
    assert "without HF_HUB_OFFLINE" in next_step
    # As if another program had fetched the file: which others there are is not known.
    for trees in client.home.glob("hub/*/trees"):
        shutil.rmtree(trees)
    _, _, why, next_step = client.error("curated/full/*.json", HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE is set" in why
    assert "without HF_HUB_OFFLINE" in next_step
    found = client.run(("curated/full/math_full.json", ROOT), HF_HUB_OFFLINE="1")
    assert len(found["records"][0]) == 2


def test_offline_without_a_cache_is_an_error(client: Client) -> None:
    what, _, _, next_step = client.error("curated/full/*.json", HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE is set" in what
    assert next_step
    assert client.hub.requests() == []


def test_a_missing_file_is_named_with_its_nearest(client: Client) -> None:
    what, where, why, next_step = client.error("curated/full/biology.json")
    assert what == "`s`: no such file"
    assert where == f"{ROOT}/curated/full/biology.json"
    assert why == f"none of its 6 files at commit {commit_of(0)[:12]} has that name"
    assert next_step.startswith("did you mean `curated/full/biology_full.json`")
    next_step = client.error("*.parquet")[3]
    assert next_step.startswith("name one of its files, such as `README.md`")
    assert client.error("../../x.json")[0] == "`s`: no such file"
    for folder in ("curated", "curated/full/", ""):
        *_, why, next_step = client.error([folder])
        assert why == "it is a folder"
        assert next_step.endswith("/*.json")
    assert client.cached == set()


@pytest.mark.parametrize(("status", "code"), [(401, None), (404, "RepoNotFound")])
def test_a_data_set_that_is_not_there_or_private(
    client: Client, status: int, code: str | None
) -> None:
    client.hub.status, client.hub.error_code = status, code
    what, where, why, next_step = client.error("x.json", "hf://datasets/lab/nothing")
    assert what == "`s`: no such data set, or a private one"
    assert where == "hf://datasets/lab/nothing/x.json"
    assert why == "no token is given"
    assert "HF_TOKEN" in next_step
    what, _, why, _ = client.error("x.json", "hf://datasets/lab/nothing", HF_TOKEN=KEY)
    if status == 404:
        assert (what, why) == ("`s`: no such data set, or a private one", _NOT_OPENED)
    else:
        assert (what, why) == ("`s`: the Hub refuses access", "it answered with the status 401")


def test_a_revision_that_is_not_there(client: Client) -> None:
    for revision in ("v9", "f" * 40):
        what, *_, next_step = client.error("curated/full/*.json", f"{ROOT}@{revision}")
        assert what == "`s`: the data set has no such revision"
        assert "after the @" in next_step


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_data_set(client: Client, status: int) -> None:
    client.hub.gate = status
    what, _, why, next_step = client.error("curated/full/*.json")
    assert what == "`s`: the data set is open only to those who accepted its terms"
    assert why == "no token is given"
    assert "HF_TOKEN" in next_step
    assert client.error("curated/full/*.json", HF_TOKEN=KEY)[2] == _NOT_OPENED


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (403, "the Hub refuses access"),
        (429, "the Hub has had too many requests"),
        (500, "the Hub is out of order"),
    ],
)
def test_a_hub_that_refuses(client: Client, status: int, what: str) -> None:
    client.hub.status = status
    found, _, why, next_step = client.error("curated/full/*.json", HF_TOKEN=KEY)
    assert found == f"`s`: {what}"
    assert why == f"it answered with the status {status}"
    assert next_step


def test_a_hub_that_is_not_there(client: Client) -> None:
    what, _, why, next_step = client.error("x.json", HF_ENDPOINT="http://127.0.0.1:9")
    assert what == "`s`: the Hub cannot be reached"
    assert "refused" in why
    assert "HF_ENDPOINT" in next_step


def test_a_cache_that_cannot_be_written(client: Client) -> None:
    client.home.mkdir()
    (client.home / "hub").write_text("not a folder")
    what, _, why, next_step = client.error("curated/full/math_full.json")
    assert "cannot be stored" in what
    assert why
    assert "HF_HOME" in next_step


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("hf://lab/abilities/x.json", "it names a model"),
        ("hf://datasets/abilities", "namespace/name"),
        ("hf://datasets/lab/abilities@/x.json", "Empty revision"),
        ("hf://", "Empty body"),
    ],
)
def test_an_address_of_another_form_is_an_error(address: str, why: str) -> None:
    with pytest.raises(SourceError, match="not the address of a data set") as caught:
        resolve("s", address, Path())
    assert why in str(caught.value)
    assert "hf://datasets/OWNER/NAME" in str(caught.value)


def test_a_root_that_was_made_a_path_is_known_for_what_it_was() -> None:
    with pytest.raises(SourceError) as caught:
        resolve("s", "x.json", Path("hf://datasets/abilities"))
    assert caught.value.where == "hf://datasets/abilities/x.json"


def test_local_files_are_read_without_the_client_of_the_hub(folder: Path) -> None:
    code = (
        "import sys, doitkit, doitkit.source\n"
        "from doitkit.source.files import resolve\n"
        "assert resolve('s', '**/*.json', sys.argv[1])\n"
        "assert 'huggingface_hub' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=120)


def test_an_absolute_path_stays_one_under_a_root_on_the_hub(folder: Path) -> None:
    file = folder / "curated" / "full" / "math_full.json"
    rows = Rows(path=str(file), format="messages")
    reading = read_records("s", rows, ROOT, ability="a", origin="human")
    assert {record.file for record in reading.records} == {"math_full.json"}
