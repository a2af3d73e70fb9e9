"""`python -m tripkit` is the command `tripkit`."""

import sys

from tripkit.cli.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
