"""A real HTTP server that speaks the chat completions protocol, and keeps what it was asked."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """What the server sends back. The client waits as long as the headers ask, and no longer."""

    body: Any
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=lambda: {"retry-after-ms": "1"})


def completion(
    text: str | None, *, usage: tuple[int, int] | None = (10, 5), finish: str = "stop"
) -> Reply:
    """Return an answer as OpenAI-compatible endpoints send it."""
    message = {"role": "assistant", "content": text}
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "teacher-1",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    if usage is not None:
        prompt, answer = usage
        body["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
        }
    return Reply(body)


def refusal(status: int, message: str) -> Reply:
    """Return an error as OpenAI-compatible endpoints send it."""
    return Reply({"error": {"message": message, "type": "error", "code": None}}, status)


class Endpoint:
    """The server, on a free port of this machine. `respond` decides about every reply."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.respond: Callable[[dict[str, Any], int], Reply] = lambda body, _: completion(
            f"You said: {body['messages'][-1]['content']}"
        )
        self.delay_s = 0.0
        self._lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                endpoint._answer(self, json.loads(self.rfile.read(size)))

            def log_message(self, *_: Any) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def prompts(self) -> list[str]:
        """The last user message of every request, in the order of their coming."""
        return [body["messages"][-1]["content"] for body in self.asked]

    def _answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        with self._lock:
            self.asked.append(body)
            self.keys.append(handler.headers["Authorization"])
            number = len(self.asked)
        time.sleep(self.delay_s)
        reply = self.respond(body, number)
        raw = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        data = raw.encode()
        try:
            handler.send_response(reply.status)
            handler.send_header("Content-Type", reply.content_type)
            handler.send_header("Content-Length", str(len(data)))
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(data)
        except ConnectionError:
            handler.close_connection = True  # the client was killed
