"""The Axolotl backend: Axolotl in an environment of its own, started as a program."""

from doitkit.train.axolotl.backend import AxolotlBackend

__all__ = ["AxolotlBackend"]
