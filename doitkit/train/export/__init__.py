"""Mixtures for those who train elsewhere: rows and settings, as other trainers read them."""

from doitkit.train.export.export import TARGETS, Exported, export_mixture
from doitkit.train.export.target import Settings, Target, UnfitError

__all__ = ["TARGETS", "Exported", "Settings", "Target", "UnfitError", "export_mixture"]
