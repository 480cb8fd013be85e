"""The version of doitkit; it enters the content address of every step."""

VERSION = "0.1.0"
