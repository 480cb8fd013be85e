"""`axolotl preprocess` for several configurations in one process, in Axolotl's environment.

Most of what a call takes is importing.
"""

import sys

from axolotl.cli.preprocess import do_cli  # type: ignore[import-not-found]

# It reads the command line as well.
configs, sys.argv = sys.argv[1:], sys.argv[:1]
for config in configs:
    do_cli(config=config)
