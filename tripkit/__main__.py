"""`python -m tripkit` is the command `tripkit`."""

import sys

from tripkit.cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
