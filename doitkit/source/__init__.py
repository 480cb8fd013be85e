"""Floor 2: files of many formats become canonical records; what cannot be read is rejected."""

from doitkit.source.records import (
    ChatReader,
    Meant,
    Reading,
    read_records,
    short_names,
    source_files,
)

__all__ = ["ChatReader", "Meant", "Reading", "read_records", "short_names", "source_files"]
