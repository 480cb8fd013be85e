"""Floor 3: the sources of a recipe, read and curated step by step; what each step leaves out."""

from doitkit.survey.alarms import alarms
from doitkit.survey.curated import Curated
from doitkit.survey.inputs import contents_of, declared_of
from doitkit.survey.shards import RowNumbers, Shards
from doitkit.survey.survey import Survey, survey
from doitkit.survey.trial import curate_rows

__all__ = [
    "Curated",
    "RowNumbers",
    "Shards",
    "Survey",
    "alarms",
    "contents_of",
    "curate_rows",
    "declared_of",
    "survey",
]
