"""Floor 4: a recipe's sources become one dataset on disk, of which every mixture is a view."""

from doitkit.build.build import build, built_dataset
from doitkit.build.dataset import Dataset, compositions, dataset_id
from doitkit.build.inventory import inventory_of_dataset

__all__ = [
    "Dataset",
    "build",
    "built_dataset",
    "compositions",
    "dataset_id",
    "inventory_of_dataset",
]
