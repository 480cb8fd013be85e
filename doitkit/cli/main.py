"""The entry point: runs a command, and turns errors into messages and exit codes.

Exit codes: 0 done; 1 a right request failed; 2 the request was wrong; 130 interrupted.
"""

import errno
import json
import shlex
import sys
from typing import NoReturn

from doitkit.cli.commands import app
from doitkit.core.errors import DoitkitError


def main() -> None:
    """Run the command line."""
    try:
        app(prog_name="doitkit")
    except DoitkitError as error:
        _refuse(error)
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept, run the same command again", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _refuse(_of_the_system(error))


_NEXT = {
    errno.ENOENT: "check the path",
    errno.EEXIST: "name another place, or remove what stands there",
    errno.ENOTDIR: "name another place: a file stands where a folder is needed",
    errno.EISDIR: "name another place: a folder stands where a file is needed",
    errno.EACCES: "name another place, or change who may read and write this one",
    errno.EPERM: "name another place, or change who may read and write this one",
    errno.EROFS: "name another place: this one can only be read",
    errno.ENOSPC: "free some space, or name another place, and run the same command again",
    errno.EDQUOT: "free some space, or name another place, and run the same command again",
}


def _of_the_system(error: OSError) -> DoitkitError:
    """Say what the system refused, as an error of the family."""
    place = error.filename if isinstance(error.filename, str) else None
    return DoitkitError(
        "a file or folder cannot be read or written",
        where=place or f"doitkit {shlex.join(sys.argv[1:])}",
        why=error.strerror or str(error) or type(error).__name__,
        next_step=_NEXT.get(error.errno or 0, "look at the place, then run the same command again"),
    )


def _refuse(error: DoitkitError) -> NoReturn:
    if "--json" in sys.argv:
        print(json.dumps({"error": error.as_json()}, indent=2, ensure_ascii=False))
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
