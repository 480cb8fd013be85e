"""Floor 5: every run is scored on every ability, by lm-evaluation-harness, item by item."""

from doitkit.evaluate.harness import Subject
from doitkit.evaluate.runs import Scores, read_scores, score_subjects
from doitkit.evaluate.score import LOWER_IS_BETTER, ItemResult, Score

__all__ = [
    "LOWER_IS_BETTER",
    "ItemResult",
    "Score",
    "Scores",
    "Subject",
    "read_scores",
    "score_subjects",
]
