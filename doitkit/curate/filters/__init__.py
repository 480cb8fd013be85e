"""Filters: which rows are left out for what they hold, and why; personal data masked.

The built-in filters are Polars expressions over the columns of rows; other packages add theirs
by the entry-point group `doitkit.filters`, see `RowFilter`.
"""

from doitkit.curate.filters.carry_out import left_out, require_plugins
from doitkit.curate.filters.filter import RowFilter
from doitkit.curate.filters.personal import masked, personal_counts

__all__ = ["RowFilter", "left_out", "masked", "personal_counts", "require_plugins"]
