"""Floor 4: a recipe's sources become one dataset on disk, of which every mixture is a view."""

from doitkit.build.build import build
from doitkit.build.dataset import Dataset, compositions, dataset_id

__all__ = ["Dataset", "build", "compositions", "dataset_id"]
