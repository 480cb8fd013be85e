"""The files of a dataset: as a build writes them, and as Parquet."""

from dataclasses import dataclass

TRAIN_FOLDER = "train"
EVALUATION_FOLDER = "evaluation"
REJECTS_FILE = "rejects.parquet"
MANIFEST_FILE = "manifest.json"
CARD_FILE = "README.md"
CROISSANT_FILE = "croissant.json"


@dataclass(frozen=True)
class Layout:
    """How the files of both splits are called, and of what media type they are."""

    glob: str
    media_type: str

    def files_of(self, split: str) -> str:
        """Return the pattern of the files of a split, relative to the dataset."""
        return self.glob.format(split=split)


ARROW = Layout("{split}/data-*.arrow", "application/vnd.apache.arrow.stream")
PARQUET = Layout("{split}-*.parquet", "application/x-parquet")
