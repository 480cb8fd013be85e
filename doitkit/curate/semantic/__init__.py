"""Rows that say the same in other words: embeddings, and who of those alike stays."""

from doitkit.curate.semantic.embedder import Embedder, load_embedder
from doitkit.curate.semantic.leaders import Leaders, leaders
from doitkit.curate.semantic.vectors import Vectors

__all__ = ["Embedder", "Leaders", "Vectors", "leaders", "load_embedder"]
