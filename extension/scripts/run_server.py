"""Starts the bundled language server: ``python3 -I run_server.py``.

``-I`` keeps the user's packages and environment variables out; this file puts the bundled
libraries in instead.
"""

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE / "server"), str(_HERE / "libs")]

from magneton.lsp.main import main  # noqa: E402  (the path above comes first)

if __name__ == "__main__":
    sys.exit(main())
