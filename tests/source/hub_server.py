"""A local server that speaks the part of the Hub's API that its client needs to fetch files."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

Files = dict[str, bytes]

_API = re.compile(r"/api/datasets/(?P<id>[^/]+/[^/]+)(?:/(?P<what>revision|tree)/(?P<at>[^/]+))?")
_RESOLVE = re.compile(r"/datasets/(?P<id>[^/]+/[^/]+)/resolve/(?P<at>[^/]+)/(?P<file>.+)")


def commit_of(version: int) -> str:
    """Return the hash of the commit that makes version `version` of a data set."""
    return hashlib.sha1(str(version).encode()).hexdigest()


@dataclass
class HubServer:
    """What the server holds, and what it was asked."""

    versions: dict[str, list[Files]] = field(default_factory=dict)
    """Data set -> its files at each commit; `main` is the last one."""
    tags: dict[str, int] = field(default_factory=dict)
    status: int | None = None
    """Answer every request with this status."""
    error_code: str | None = None
    gate: int | None = None
    """Refuse the files, though not the list of them, with this status."""
    next_version: Files | None = None
    """Committed to every data set as soon as its main branch has been looked up."""
    address: str = ""
    asked: list[str] = field(default_factory=list)

    def requests(self, of: str = "") -> list[str]:
        """Return the requests about data sets that contain `of`."""
        # On machines of some kinds, the client asks for other things as well.
        return [request for request in self.asked if "/datasets/" in request and of in request]

    def commit(self, dataset: str, at: str) -> str | None:
        """Return the hash of the commit that a branch, tag or hash names."""
        count = len(self.versions[dataset])
        if at == "main":
            return commit_of(count - 1)
        if at in self.tags:
            return commit_of(self.tags[at])
        return next((c for c in map(commit_of, range(count)) if c == at), None)

    def files(self, dataset: str, commit: str) -> Files:
        """Return the files of a commit."""
        number = [commit_of(n) for n in range(len(self.versions[dataset]))].index(commit)
        return self.versions[dataset][number]


@contextmanager
def serving(hub: HubServer) -> Iterator[HubServer]:
    """Serve `hub` on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer

    def do_GET(self) -> None:
        self.answer()

    def do_HEAD(self) -> None:
        self.answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def answer(self) -> None:
        path = urlsplit(self.path).path
        self.hub.asked.append(f"{self.command} {path}")
        api, resolve = _API.fullmatch(path), _RESOLVE.fullmatch(path)
        found = api or resolve
        if self.hub.status is not None:
            self.refuse(self.hub.status, self.hub.error_code)
        elif found is None or found["id"] not in self.hub.versions:
            self.refuse(401, None)  # The Hub does not tell what is missing from what is private.
        elif (commit := self.hub.commit(found["id"], unquote(found["at"] or "main"))) is None:
            self.refuse(404, "RevisionNotFound")
        elif api is not None and api["what"] == "tree":
            self.tree(self.hub.files(api["id"], commit))
        elif api is not None:
            self.info(api["id"], commit)
        elif resolve is not None:
            self.file(self.hub.files(resolve["id"], commit), commit, unquote(resolve["file"]))

    def info(self, dataset: str, commit: str) -> None:
        self.json({"id": dataset, "sha": commit, "siblings": []})
        if self.hub.next_version is not None:
            self.hub.versions[dataset].append(self.hub.next_version)
            self.hub.next_version = None

    def tree(self, files: Files) -> None:
        entries: list[dict[str, object]] = [{"type": "directory", "path": "data", "oid": "0" * 40}]
        for path, content in files.items():
            oid = hashlib.sha1(content).hexdigest()
            entries.append({"type": "file", "path": path, "size": len(content), "oid": oid})
        self.json(entries)

    def file(self, files: Files, commit: str, name: str) -> None:
        if self.hub.gate is not None:
            self.refuse(self.hub.gate, "GatedRepo")
        elif name not in files:
            self.refuse(404, "EntryNotFound")
        else:
            etag = hashlib.sha1(files[name]).hexdigest()
            self.send(200, files[name], {"X-Repo-Commit": commit, "ETag": f'"{etag}"'})

    def json(self, value: object) -> None:
        self.send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def refuse(self, status: int, code: str | None) -> None:
        self.send(status, b"", {"X-Error-Code": code} if code else {})

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
