"""Floor 11: the command line. It composes rooms and holds no logic of its own."""

from doitkit.cli.main import main

__all__ = ["main"]
