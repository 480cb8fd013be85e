"""Floor 2: files of many formats become records; what cannot be read becomes rejects."""

from doitkit.source.records import Reading, read_records, source_files

__all__ = ["Reading", "read_records", "source_files"]
