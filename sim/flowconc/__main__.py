"""`python -m flowconc` is `flowconc`."""

from __future__ import annotations

import sys

from flowconc.cli import main

sys.exit(main())
