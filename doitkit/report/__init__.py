"""Floor 7: the self-contained HTML report of a turn."""

from doitkit.report.findings import Findings
from doitkit.report.page import write_report

__all__ = ["Findings", "write_report"]
