"""``python -m logitbench``."""

import os
import sys

if not sys.flags.safe_path and sys.path[:1] in ([""], [os.getcwd()]):  # noqa: PTH109 - pathlib comes from the path, too
    del sys.path[0]  # python -m put the working folder here: its types.py is not the standard library's

from logitbench.cli.app import main

if __name__ == "__main__":
    main()
