"""A local S3 server, and what it was asked; it can refuse, or stop in the middle of an object."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "never_to_be_seen"}


@dataclass
class S3Server:
    """A server that holds what its client has put there."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    stall: Event | None = None
    """Send all but the end of every object, set this, and then nothing more for a long time."""
    cut: bool = False
    """Send all but the end of every object, and hang up."""
    change: Callable[[], None] | None = None
    """Called once, as soon as a part of an object has been asked for."""
    client: Any = None

    def put(self, bucket: str, objects: dict[str, bytes]) -> None:
        """Put objects into a bucket, which is made if it is not there."""
        self.client.create_bucket(Bucket=bucket)
        for key, body in objects.items():
            self.client.put_object(Bucket=bucket, Key=key, Body=body)
        self.asked.clear()

    def downloads(self) -> list[str]:
        """Return the requests for the content of objects."""
        return [each for each in self.asked if each.startswith("GET") and each.count("/") > 1]


@contextmanager
def serving() -> Iterator[S3Server]:
    """Serve S3 on a free port until the block ends."""
    import boto3
    import requests

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    s3 = S3Server()
    app = DomainDispatcherApplication(create_backend_app)

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        s3.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        content = s3.asked[-1] in s3.downloads()
        body: Iterable[bytes] = app(environ, start_response)
        if content and s3.stall is not None:
            return _stalled(b"".join(body), s3.stall)
        if content and s3.cut:
            return [b"".join(body)[:-1]]
        if content and s3.change is not None:
            change, s3.change = s3.change, None
            change()
        return body

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    server.daemon_threads = True
    server.block_on_close = False
    s3.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    s3.client = boto3.client(
        "s3",
        endpoint_url=s3.address,
        region_name="us-east-1",
        aws_access_key_id="server",
        aws_secret_access_key="server",
    )
    try:
        yield s3
    finally:
        requests.post(f"{s3.address}/moto-api/reset", timeout=60)
        s3.client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def _stalled(body: bytes, stalled: Event) -> Iterator[bytes]:
    yield body[:-1]
    stalled.set()
    Event().wait(60)
