"""The text of plain and compressed files, up to where it is damaged."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from doitkit.source.stretch import Stretch

_CHUNK_BYTES = 1 << 20
LONGEST_LINE = 64 << 20
"""Bytes of a line that is read: what is longer is no row, and is not held."""

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
"""What reading a damaged or cut off archive raises."""


def opened(path: Path) -> io.BufferedReader:
    """Open a file for reading, decompressed if its name ends in .gz or .zst."""
    name = path.name.lower()
    if name.endswith(".gz"):
        # A GzipFile has the methods of a buffered reader, though not its class.
        return cast(io.BufferedReader, gzip.open(path, "rb"))
    if name.endswith(".zst"):
        return io.BufferedReader(_ZstdFile(path))
    return path.open("rb")


def lines(path: Path | Stretch) -> Iterator[tuple[int, str, str | None]]:
    """Yield (number from 1, line without its end, None) for every line of a file, or a stretch.

    Bytes that are not UTF-8 become surrogates, which no UTF-8 text holds. For a line that is too
    long, (number, "", what is wrong with it) comes; in the same a damaged archive ends.
    """
    stretch = path if isinstance(path, Stretch) else Stretch(path)
    number = stretch.lines_before
    with opened(stretch.path) as stream:
        if stretch.start:
            # A line that begins right at `start` follows the end of another.
            stream.seek(stretch.start - 1)
            pass_line(stream)
        while stretch.end is None or stream.tell() < stretch.end:
            number += 1
            try:
                raw = stream.readline(LONGEST_LINE)
                if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                    pass_line(stream)
                    yield number, "", f"the line is longer than {LONGEST_LINE >> 20} MB"
                    continue
            except DAMAGE as error:
                yield number, "", _damaged(error)
                return
            if not raw:
                return
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")
            yield number, text.rstrip("\r\n"), None


def pass_line(stream: BinaryIO) -> None:
    """Go behind the end of the line, and hold none of it."""
    while (part := stream.readline(_CHUNK_BYTES)) and not part.endswith(b"\n"):
        pass


def chunks(path: Path) -> Iterator[tuple[bytes, str | None]]:
    """Yield (bytes, None) to the end of a file, or a last (b"", what is wrong with the archive)."""
    with opened(path) as stream:
        try:
            # read1 hands on what could be read before the damage; read would drop it.
            while chunk := stream.read1(_CHUNK_BYTES):
                yield chunk, None
        except DAMAGE as error:
            yield b"", _damaged(error)


def _damaged(error: Exception) -> str:
    return f"the compressed data is damaged from here on: {error}"


class _ZstdFile(io.RawIOBase):
    """All frames of a zstd file; one that is cut off is an error, not the end.

    The reader of the zstandard package takes a file that ends inside a frame for complete.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._frame: Any = None
        self._compressed = b""
        self._plain = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._plain:
            self._compressed = self._compressed or self._file.read(_CHUNK_BYTES)
            if not self._compressed:
                if self._frame is not None:
                    raise EOFError("the file ends inside a zstd frame")
                return 0
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._plain = self._frame.decompress(self._compressed)
            self._compressed = b""
            if self._frame.eof:
                self._compressed = self._frame.unused_data
                self._frame = None
        taken = min(len(buffer), len(self._plain))
        buffer[:taken] = self._plain[:taken]
        self._plain = self._plain[taken:]
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()
