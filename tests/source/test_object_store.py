"""Objects of a bucket are read as files of a folder are, and each version is downloaded once.

S3 is a local server. Of Google's and Azure's stores, what needs no store is tested.
"""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source import read_records
from doitkit.source.bucket import Bucket, azure_options, gcs_options, opened
from doitkit.source.files import resolve
from tests.project import RECIPE, write_project
from tests.source.s3_server import KEYS, S3Server, serving

_CLOSED = "http://127.0.0.1:9"

_READ = """
import sys
from doitkit.source.files import resolve
print(*resolve("s", sys.argv[1], sys.argv[2]), sep="\\n")
"""
_BUILD = """
import sys, doitkit
print(doitkit.build(sys.argv[1], sys.argv[2]).pool_id)
"""


def _rows(name: str, count: int) -> bytes:
    turns = [("user", f"{name}?"), ("assistant", "是的")]
    chat = [{"role": role, "content": content} for role, content in turns]
    return b"".join(json.dumps({"messages": chat, "n": n}).encode() + b"\n" for n in range(count))


def _parquet(folder: Path) -> bytes:
    file = folder / "rows.parquet"
    pl.DataFrame([json.loads(line) for line in _rows("parquet", 3).splitlines()]).write_parquet(
        file
    )
    return file.read_bytes()


@pytest.fixture
def objects(tmp_path: Path) -> dict[str, bytes]:
    return {
        "README.md": b"# Rows\n",
        "chats/biology.jsonl": _rows("biology", 3) + b"not JSON\n",
        "chats/math.jsonl.gz": gzip.compress(_rows("math", 2)),
        "chats/z[1].jsonl": _rows("bracket", 1),
        "chats/deep/role play.jsonl": _rows("role", 1),
        "shards/a.parquet": _parquet(tmp_path),
        "shards/b.parquet": _parquet(tmp_path),
    }


@pytest.fixture
def s3(
    objects: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[S3Server]:
    with serving() as server:
        server.put("lab", objects)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("DOITKIT_CACHE", str(tmp_path / "cache"))
        yield server


@pytest.fixture
def folder(objects: dict[str, bytes], tmp_path: Path) -> Path:
    """The same files in a folder of this machine."""
    for key, body in objects.items():
        (tmp_path / "folder" / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / key).write_bytes(body)
    return tmp_path / "folder"


def _read(path: str | list[str], root: str) -> tuple[list[object], list[object]]:
    rows = Rows(path=path, format="messages")
    reading = read_records("s", rows, root, ability="a", origin="human")
    return (
        [(r.id, r.file, r.line) for r in reading.records],
        [(r.file, r.line, r.reason) for r in reading.rejects],
    )


def _error(path: str, root: str = "s3://lab") -> SourceError:
    with pytest.raises(SourceError) as caught:
        resolve("s", path, root)
    said = str(caught.value)
    assert not any(secret in said for secret in KEYS.values())
    assert caught.value.where == (path if "://" in path else f"{root}/{path}")
    return caught.value


def _command(code: str, *arguments: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def _cached(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


PATTERNS: list[str | list[str]] = [
    "chats/biology.jsonl",
    "./chats/math.jsonl.gz",
    "chats/*.jsonl*",
    "*/*.parquet",
    "**/*.jsonl",
    "chats/**/[br]*.jsonl",
    "chats/z[1].jsonl",
    "chats/z[[]?].jsonl",
    ["shards/b.parquet", "chats/????.jsonl.gz"],
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
def test_a_bucket_gives_what_a_folder_of_the_same_files_gives(
    s3: S3Server, folder: Path, pattern: str | list[str]
) -> None:
    there = _read(pattern, "s3://lab")
    assert there[0]
    assert there == _read(pattern, str(folder))
    # What a `Path` leaves of the address.
    assert there == _read(pattern, str(Path("s3://lab")))


def test_a_folder_of_a_bucket_may_be_the_root(s3: S3Server, folder: Path) -> None:
    pattern: list[str | Any] = ["math.jsonl.gz", "deep/*"]
    assert _read(pattern, "s3://lab/chats/") == _read(pattern, str(folder / "chats"))


def test_a_path_of_its_own_may_name_a_bucket_beside_local_files(s3: S3Server, folder: Path) -> None:
    s3.put("other", {"data/rows.jsonl": _rows("other", 2)})
    pattern = ["chats/biology.jsonl", "s3://other/data/*.jsonl"]
    for root in (str(folder), "s3://lab"):
        records, _ = _read(pattern, root)
        assert [file for _, file, _ in records] == [  # type: ignore[misc]
            *["chats/biology.jsonl"] * 3,
            *["data/rows.jsonl"] * 2,
        ]


def test_only_what_the_paths_name_is_downloaded_and_only_once(s3: S3Server, tmp_path: Path) -> None:
    first = _command(_READ, "chats/*.jsonl", "s3://lab")
    assert sorted(s3.downloads()) == ["GET /lab/chats/biology.jsonl", "GET /lab/chats/z[1].jsonl"]
    assert _cached(tmp_path) == ["biology.jsonl", "z[1].jsonl"]
    s3.asked.clear()
    assert _command(_READ, "chats/*.jsonl", "s3://lab") == first
    assert s3.asked == ["GET /lab"]


def test_a_process_sees_one_version_of_an_object(s3: S3Server) -> None:
    before = resolve("s", "chats/biology.jsonl", "s3://lab")
    s3.put("lab", {"chats/biology.jsonl": _rows("changed", 9)})
    assert resolve("s", "chats/biology.jsonl", "s3://lab") == before
    assert s3.asked == []
    (after,) = _command(_READ, "chats/biology.jsonl", "s3://lab")
    assert Path(after).read_bytes() == _rows("changed", 9)
    assert before[0].read_bytes() != Path(after).read_bytes()


def test_a_dataset_is_built_from_a_bucket(s3: S3Server, tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    recipe = RECIPE.replace("seed: 7", "seed: 7\ndata_root: s3://lab/small")
    file = write_project(tmp_path / "local", recipe=recipe)
    files = {path.name: path.read_bytes() for path in (tmp_path / "local").glob("*.jsonl")}
    s3.put("lab", {f"small/{name}": body for name, body in files.items()})
    built = _command(_BUILD, str(file), str(tmp_path / "there"))
    assert len(s3.downloads()) == len(files)
    s3.asked.clear()
    assert _command(_BUILD, str(file), str(tmp_path / "again")) == built
    assert s3.downloads() == []
    lines = files["sums-human.jsonl"].splitlines(keepends=True)
    s3.put("lab", {"small/sums-human.jsonl": b"".join(lines[1:])})
    assert _command(_BUILD, str(file), str(tmp_path / "there")) != built
    assert s3.downloads() == ["GET /lab/small/sums-human.jsonl"]


def test_a_missing_object_is_named_with_its_nearest(s3: S3Server, tmp_path: Path) -> None:
    error = _error("chats/biologie.jsonl")
    assert error.what == "`s`: no such object"
    assert error.why == "none of the 3 objects in lab/chats has that name"
    assert (error.next_step or "").startswith("did you mean `chats/biology.jsonl`")
    error = _error("shards/*.json")
    assert error.why == "none of the 2 objects in lab/shards has that name"
    assert error.next_step == "name one of them, such as `shards/a.parquet`, `shards/b.parquet`"
    error = _error("chat/*.jsonl")
    assert error.why == "there are no objects in lab/chat"
    assert "data_root" in (error.next_step or "")
    assert _cached(tmp_path) == []


@pytest.mark.parametrize("path", ["chats", "chats/deep/", "s3://lab", "s3://lab/"])
def test_a_folder_is_no_object(s3: S3Server, path: str) -> None:
    error = _error(path)
    assert (error.what, error.why) == ("`s`: no such object", "it is a folder")
    assert (error.next_step or "").endswith("/*.jsonl")


def test_an_object_that_is_put_there_after_an_error_is_found(s3: S3Server) -> None:
    _error("chats/new.jsonl")
    s3.put("lab", {"chats/new.jsonl": _rows("new", 1)})
    assert len(resolve("s", "chats/new.jsonl", "s3://lab")) == 1


def test_a_bucket_that_is_not_there(s3: S3Server) -> None:
    for path in ("x.jsonl", "*.jsonl"):
        error = _error(path, "s3://nothing")
        assert error.what == "`s`: no such bucket"
        assert error.why == f"S3 at {s3.address} has no `nothing`"
        assert error.next_step == "correct the name of the bucket, or AWS_ENDPOINT_URL if it is set"


def test_a_store_that_refuses(s3: S3Server) -> None:
    import requests

    # From here on the server asks who it is, and it knows nobody.
    requests.post(f"{s3.address}/moto-api/reset-auth", data="0", timeout=60)
    try:
        one, several = _error("chats/biology.jsonl"), _error("chats/*.jsonl")
    finally:
        requests.post(f"{s3.address}/moto-api/reset-auth", data="inf", timeout=60)
    assert one.what == "`s`: the store refuses access"
    assert (one.why or "").startswith(f"S3 at {s3.address}: ACCESS_DENIED during HeadObject")
    assert several.what == "`s`: the store does not know who asks"
    assert "The AWS Access Key Id you provided does not exist" in (several.why or "")
    for error in (one, several):
        assert "AWS_ACCESS_KEY_ID" in (error.next_step or "")


def test_without_credentials_only_what_is_public_is_read(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.client.put_object_acl(Bucket="lab", Key="shards/a.parquet", ACL="public-read")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    assert len(resolve("s", "shards/a.parquet", "s3://lab")) == 1
    assert _error("shards/b.parquet").what == "`s`: the store refuses access"


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [(_CLOSED, "Could not connect"), ("http://nothing.invalid", "Could not resolve")],
)
def test_a_store_that_is_not_there(
    s3: S3Server, endpoint: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)  # this one counts over the general one
    error = _error("chats/biology.jsonl")
    assert error.what == "`s`: the store cannot be reached"
    assert (error.why or "").startswith(f"S3 at {endpoint}: NETWORK_CONNECTION during HeadObject")
    assert why in (error.why or "")
    assert error.next_step == "check the network, and AWS_ENDPOINT_URL if it is set"


def test_a_killed_download_leaves_no_half_file(s3: S3Server, tmp_path: Path) -> None:
    s3.stall = Event()
    command = [sys.executable, "-c", _READ, "chats/biology.jsonl", "s3://lab"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert s3.stall.wait(120)
        process.send_signal(signal.SIGKILL)
    assert "biology.jsonl" not in _cached(tmp_path)
    s3.stall = None
    (file,) = _command(_READ, "chats/biology.jsonl", "s3://lab")
    assert Path(file).read_bytes() == _rows("biology", 3) + b"not JSON\n"


def test_a_download_that_breaks_off_is_an_error_and_leaves_nothing(
    s3: S3Server, tmp_path: Path
) -> None:
    s3.cut = True
    error = _error("chats/biology.jsonl")
    assert error.what == "`s`: the store cannot be reached"
    assert _cached(tmp_path) == []


def test_an_object_that_changes_while_it_is_downloaded(s3: S3Server, tmp_path: Path) -> None:
    s3.change = lambda: s3.client.delete_object(Bucket="lab", Key="chats/biology.jsonl")
    error = _error("chats/biology.jsonl")
    assert error.what == "`s`: an object has changed"
    assert error.next_step == "run the same command again"
    assert _cached(tmp_path) == []


def test_what_was_left_by_killed_downloads_goes(s3: S3Server, tmp_path: Path) -> None:
    (file,) = resolve("s", "chats/biology.jsonl", "s3://lab")
    old, new = file.with_name(".aside-old"), file.with_name(".aside-new")
    file.unlink()
    old.write_bytes(b"half")
    new.write_bytes(b"of another process")
    os.utime(old, (0, 0))
    _command(_READ, "chats/biology.jsonl", "s3://lab")
    assert _cached(tmp_path) == [".aside-new", "biology.jsonl"]


def test_a_cache_that_cannot_be_written(s3: S3Server, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    error = _error("chats/biology.jsonl")
    assert error.what == "`s`: an object cannot be stored in the cache"
    assert "DOITKIT_CACHE" in (error.next_step or "")


def test_a_key_that_is_no_path_is_an_error(s3: S3Server) -> None:
    s3.put("odd", {"a//b.jsonl": _rows("odd", 1)})
    with pytest.raises(SourceError, match="is not the path of a file") as caught:
        resolve("s", "**/*.jsonl", "s3://odd")
    assert caught.value.where == "s3://odd/a//b.jsonl"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("s3://", "s3://BUCKET/KEY"),
        ("gs://", "gs://BUCKET/KEY"),
        ("az://a@b/key", "az://CONTAINER/KEY"),
        ("abfss://@account/key", "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY"),
    ],
)
def test_an_address_without_a_bucket_is_an_error(address: str, form: str) -> None:
    with pytest.raises(SourceError, match="not the address of an object") as caught:
        resolve("s", address, Path())
    assert caught.value.next_step == f"write {form}"


def test_google_s_client_is_set_up_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = {"retry_time_limit": gcs_options({})["retry_time_limit"]}
    assert gcs_options({}) == limit
    assert gcs_options({"GOOGLE_SKIP_SIGNATURE": "true"}) == {"anonymous": True, **limit}
    emulator = {"endpoint_override": "localhost:4443", "scheme": "http", "anonymous": True}
    for given in ("localhost:4443", "http://localhost:4443/"):
        assert gcs_options({"STORAGE_EMULATOR_HOST": given}) == emulator | limit
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", given)
        assert opened(Bucket("gs", "lab")).type_name == "gcs"


def test_azure_s_client_is_set_up_from_the_environment_and_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account, key = {"AZURE_STORAGE_ACCOUNT_NAME": "acct"}, {"AZURE_STORAGE_ACCOUNT_KEY": "a2V5"}
    assert azure_options(account, None) == {"account_name": "acct"}
    assert azure_options({"AZURE_STORAGE_ACCOUNT": "acct"} | key, None) == {
        "account_name": "acct",
        "account_key": "a2V5",
    }
    for token in ("sv=1&sig=x", "?sv=1&sig=x"):
        given = account | {"AZURE_STORAGE_SAS_TOKEN": token}
        assert azure_options(given, None)["sas_token"] == "?sv=1&sig=x"
    hosted = azure_options(account | key, "other.dfs.core.chinacloudapi.cn")
    assert hosted["account_name"] == "other"
    assert hosted["blob_storage_authority"] == ".blob.core.chinacloudapi.cn"
    assert hosted["dfs_storage_authority"] == ".dfs.core.chinacloudapi.cn"
    local = azure_options(account | {"AZURE_STORAGE_ENDPOINT": "http://127.0.0.1:10000"}, None)
    assert local["blob_storage_scheme"] == local["dfs_storage_scheme"] == "http"
    assert local["blob_storage_authority"] == local["dfs_storage_authority"] == "127.0.0.1:10000"
    for name, value in (account | key).items():
        monkeypatch.setenv(name, value)
    assert opened(Bucket("az", "lab")).type_name == "abfs"
    assert opened(Bucket("az", "lab", "other.dfs.core.windows.net")).type_name == "abfs"


def test_an_azure_account_that_is_not_named_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)
    error = _error("rows.jsonl", "az://container")
    assert error.what == "`s`: the storage account of a container is not known"
    assert "AZURE_STORAGE_ACCOUNT_NAME" in (error.next_step or "")
