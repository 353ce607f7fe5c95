"""``lading`` and ``python -m app``: the command line is all there is to start."""

from __future__ import annotations

import sys

from app.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
