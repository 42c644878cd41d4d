"""Stand-ins for an interpreter with an agent in it: they start in milliseconds, without torch."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from magneton_agent.schema.codec import to_json
from tests.analysis.steps import loaded

# The engine starts ``python -c CODE DESCRIPTOR PARENT FOLDER SETUP``.
_PRELUDE = """\
#!{python}
import json, os, signal, subprocess, sys, time
channel = os.fdopen(os.dup(int(sys.argv[3])), "rb")
LOADED = json.loads({loaded!r})

def receive():
    return json.loads(channel.readline() or '{{"type": "none"}}')

def send(kind, body):
    os.write(int(sys.argv[3]), json.dumps({{"type": kind, "body": body}}).encode() + b"\\n")

def fail(kind, fact="it failed"):
    send("Failure", {{"kind": kind, "fact": fact, "cause": "c", "remedy": "r", "frames": []}})

"""


def interpreter(folder: Path, program: str, name: str = "python") -> str:
    """An executable that runs ``program``; it may use ``receive()``, ``send(type, body)``,
    ``fail(kind)`` and ``LOADED``, the body of a reply to ``Load``."""
    path = folder / name
    prelude = _PRELUDE.format(python=sys.executable, loaded=json.dumps(to_json(loaded())))
    path.write_text(prelude + program)
    path.chmod(0o755)
    return str(path)
