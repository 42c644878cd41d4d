"""``magneton lsp`` speaks LSP on standard input and output."""

from __future__ import annotations

import json
import subprocess
import sys


def _message(**fields: object) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def test_it_answers_initialize_and_ends_on_exit() -> None:
    conversation = (
        _message(id=1, method="initialize", params={"processId": None, "capabilities": {}})
        + _message(id=2, method="shutdown")
        + _message(method="exit")
    )
    done = subprocess.run(
        [sys.executable, "-m", "magneton.cli.main", "lsp"],
        input=conversation,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    header, _, rest = done.stdout.partition(b"\r\n\r\n")
    length = int(header.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
    answer = json.loads(rest[:length])
    assert answer["id"] == 1
    assert answer["result"]["serverInfo"]["name"] == "magneton"
