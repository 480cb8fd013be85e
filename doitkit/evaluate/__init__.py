"""Floor 5: every run is scored on every ability, by lm-evaluation-harness, item by item."""

from doitkit.evaluate.harness import Subject
from doitkit.evaluate.runs import Scores, finished_scores, read_scores, score_subjects
from doitkit.evaluate.score import ItemResult, Score

__all__ = [
    "ItemResult",
    "Score",
    "Scores",
    "Subject",
    "finished_scores",
    "read_scores",
    "score_subjects",
]
