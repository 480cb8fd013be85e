"""Floor 4: a first recipe for a folder of data, from what a look at its files shows."""

from doitkit.draft.assemble import Draft, assemble
from doitkit.draft.frame import Frame, frame_of
from doitkit.draft.guess import ROLES, FileUse, Role, guess
from doitkit.draft.look import look_around
from doitkit.draft.parts import DraftRows
from doitkit.draft.seen import by_reason
from doitkit.draft.wishes import Wishes, require_name
from doitkit.draft.write import write_recipe

__all__ = [
    "ROLES",
    "Draft",
    "DraftRows",
    "FileUse",
    "Frame",
    "Role",
    "Wishes",
    "assemble",
    "by_reason",
    "frame_of",
    "guess",
    "look_around",
    "require_name",
    "write_recipe",
]
