"""What a process that forks agents says first: that it can, or that it cannot."""

from __future__ import annotations

READY, UNFIT = b"ready\n", b"unfit\n"
