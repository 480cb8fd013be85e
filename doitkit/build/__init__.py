"""Floor 4: a recipe's sources become one dataset on disk, of which every mixture is a view."""

from doitkit.build.build import build, built_dataset
from doitkit.build.compare import DatasetComparison, compare_datasets
from doitkit.build.dataset import (
    Dataset,
    compositions,
    dataset_id,
    is_dataset,
    open_folder,
)
from doitkit.build.inspection import Inspection, inspect_dataset
from doitkit.build.inventory import inventory_of_dataset

__all__ = [
    "Dataset",
    "DatasetComparison",
    "Inspection",
    "build",
    "built_dataset",
    "compare_datasets",
    "compositions",
    "dataset_id",
    "inspect_dataset",
    "inventory_of_dataset",
    "is_dataset",
    "open_folder",
]
