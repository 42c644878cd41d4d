"""Job processes for tests: small programs that behave, or misbehave, in one way each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from magneton.engine.job_messages import Advanced, Done, Event, Failed
from magneton_agent.schema.codec import to_json

_READ = "import json, os, subprocess, sys, time; request = json.loads(sys.stdin.readline())\n"


def command(program: str) -> tuple[str, ...]:
    """A job command: ``program`` runs after the request was read into ``request``."""
    return (sys.executable, "-I", "-c", _READ + program)


def say(event: Advanced | Done | Failed) -> str:
    """The statement that writes ``event``."""
    return f"print({json.dumps(to_json(Event(event)))!r}, flush=True)\n"


MEASURING = Advanced("progress", "measure", 0.5, "measuring side a")
DONE = Done("done")
FAILED = Failed(
    "failed", "side a failed", "it raised", "mend it", 3, ("  File a.py",), ("its last words",)
)


def detached_sleeper(pid_file: Path) -> str:
    """Statements that start a child in a session of its own, which notes its process id."""
    child = (
        "import os, pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"path = pathlib.Path({str(pid_file)!r}); new = path.with_suffix('.new'); "
        "new.write_text(str(os.getpid())); new.rename(path); time.sleep(600)"
    )
    return (
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)\n"
        f"while not os.path.exists({str(pid_file)!r}): time.sleep(0.01)\n"
    )


def is_running(pid: int) -> bool:
    """Whether process ``pid`` exists and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
