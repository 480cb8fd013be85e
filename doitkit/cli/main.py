"""The entry point: runs a command, and turns errors into messages and exit codes.

Exit codes: 0 done; 1 a right request failed; 2 the request was wrong; 130 interrupted.
"""

import sys

from doitkit.cli.commands import app
from doitkit.core.errors import DoitkitError


def main() -> None:
    """Run the command line."""
    try:
        app(prog_name="doitkit")
    except DoitkitError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept, run the same command again", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
