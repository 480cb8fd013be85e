"""The embedded backend: transformers and peft in this very environment, on a CPU or one GPU."""

from doitkit.train.embedded.backend import EmbeddedBackend

__all__ = ["EmbeddedBackend"]
