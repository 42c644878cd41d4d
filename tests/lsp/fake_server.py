"""The real server with another command for its jobs: ``fake_server.py <command as JSON>``."""

from __future__ import annotations

import json
import sys

from magneton.lsp.main import create_server

if __name__ == "__main__":
    create_server(json.loads(sys.argv[1])).start_io()
