"""Examines an interpreter in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

from magneton_agent import schema
from magneton_agent.schema import codec
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, EXIT_STOPPED, MagnetonError
from magneton_agent.schema.examination import Examination

from .devices import known_coefficients

_AGENT_FOLDER = Path(schema.__file__).parent.parent
_TIMEOUT_S = 120.0
_LOG_LINES = 20


async def examine(python: str, timeout_s: float = _TIMEOUT_S) -> Examination:
    """What the interpreter ``python`` and this machine's sensors offer.

    Raises:
        MagnetonError: it cannot be started, fails, or takes longer than ``timeout_s``; or a file
            of coefficients cannot be read.
    """
    process = await _start(python)
    try:
        async with asyncio.timeout(timeout_s):
            answer, log = await process.communicate()
    except TimeoutError:
        raise MagnetonError(
            f"{python} did not answer within {timeout_s:g} s",
            "importing torch or asking the driver hangs",
            f"Run '{python} -c \"import torch\"' by itself.",
            exit_status=EXIT_STOPPED,
        ) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    found = _read(python, answer, log)
    devices = dict.fromkeys((found.cpu, *found.cuda))
    known = [each for name in devices if (each := known_coefficients(name)) is not None]
    return replace(found, coefficients=tuple(known))


async def _start(python: str) -> asyncio.subprocess.Process:
    code = (_AGENT_FOLDER / "examine.py").read_text(encoding="utf-8")
    pynvml = importlib.util.find_spec("pynvml")
    carried = pynvml.origin if pynvml is not None else None
    try:
        return await asyncio.create_subprocess_exec(
            python,
            *("-c", code, str(_AGENT_FOLDER), carried or ""),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise MagnetonError(
            f"the interpreter {python} cannot be started",
            (error.strerror or str(error)).lower(),
            "Name the Python that runs your program with --python.",
        ) from error


def _read(python: str, answer: bytes, log: bytes) -> Examination:
    try:
        return codec.from_json(Examination, json.loads(answer))
    except ValueError as error:  # a SchemaError is one
        raise MagnetonError(
            f"{python} could not be examined",
            "it ended before it answered; its last lines may say why",
            "Name a Python interpreter, 3.11 or newer, with --python.",
            exit_status=EXIT_SIDE_FAILED,
            log=tuple(log.decode("utf-8", "replace").splitlines()[-_LOG_LINES:]),
        ) from error
