"""Modelled against replayed (or apportioned) energy of every operator of a step, on a GPU.

``python benchmarks/gpu/modelled.py [NAME...]``: factories of ``pairs.py``. Traces each program,
measures it, and prints for each the number of operators, the median relative error of what the
device model says of them, and their rank correlation (Spearman). Coefficients are those that a
run takes: fitted ones where ``magneton calibrate`` has left some, else the shipped ones, which are
printed too. Files go to ``$OUT`` where it is set; ``$TIME_BUDGET_S`` is the time budget of each
measurement (60). Python 3.12.
"""

from __future__ import annotations

import os
import statistics
import sys

import torch
from commands import FOLDER, HERE, magneton

from magneton.analysis.device import operator_energies_j
from magneton.engine.devices import device_model as model_for
from magneton.engine.devices import shipped, user_folder
from magneton.engine.store import load_result
from magneton.engine.trace.store import read_trace
from magneton_agent.schema.device import DeviceModel
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import OperatorRow

NAMES = ("gpt2_a", "gpt2_b", "gelu_a", "gelu_b", "linear_a", "linear_b", "eigenvalues_a")
LONG_S = 20e-6  # shorter operators cannot be replayed exactly


def main() -> None:
    board = torch.cuda.get_device_name()
    models = {"used": model_for(board)}
    models["shipped"] = next((each for each in shipped() if board.startswith(each.names)), None)
    print(f"{board}; fitted coefficients are looked for in {user_folder()}")
    print("program | model | compared with | operators | median error | rank correlation | sum")
    for name in sys.argv[1:] or NAMES:
        taken = _taken(name)
        for kind, model in models.items():
            if taken is not None and model is not None:
                print(f"{name} | {kind} | {_line(model, *taken)}", flush=True)


def _taken(name: str) -> tuple[Recording, tuple[OperatorRow, ...]] | None:
    trace, file = FOLDER / f"{name}.magneton-trace", FOLDER / f"{name}-measured.json"
    for arguments in (
        ["trace", f"pairs.py:{name}", "-o", str(trace), "--time-budget", "5"],
        [
            *("measure", f"pairs.py:{name}", "--json", str(file), "--detail", "operators"),
            *("--time-budget", os.environ.get("TIME_BUDGET_S", "60")),
        ],
    ):
        if magneton(name, arguments)[0] is None:
            return None
    recording = read_trace(trace, HERE).trace.recording
    result = load_result(file)
    rows = result.operators if isinstance(result, Measurement) else None
    if rows is None or [row.name for row in rows] != [each.name for each in recording.operators]:
        print(f"{name} | the traced step and the measured one ran other operators", flush=True)
        return None
    return recording, rows


def _line(model: DeviceModel, recording: Recording, rows: tuple[OperatorRow, ...]) -> str:
    times = [row.duration_s.value if isinstance(row.duration_s, Quantity) else 0.0 for row in rows]
    modelled = operator_energies_j(model, recording, times)
    known = [
        (each.energy_j, modelled_j)
        for each, modelled_j, time_s in zip(rows, modelled, times, strict=True)
        if isinstance(each.energy_j, Quantity) and each.energy_j.value > 0 and time_s >= LONG_S
    ]
    replayed = [pair for pair in known if pair[0].source == "replayed"]
    pairs = replayed or known
    theirs, ours = [each.value for each, _ in pairs], [each for _, each in pairs]
    errors = [abs(mine / real - 1) for mine, real in zip(ours, theirs, strict=True)]
    ranks = (
        f"{statistics.correlation(ours, theirs, method='ranked'):.3f}"
        if len(set(ours)) > 1 and len(set(theirs)) > 1
        else "-"
    )
    compared = pairs[0][0].source if pairs else "nothing"
    error = f"{statistics.median(errors):.1%}" if errors else "-"
    total = f"{sum(ours) / sum(theirs):.2f}" if pairs else "-"
    return f"{compared} | {len(pairs)} | {error} | {ranks} | {total}"


if __name__ == "__main__":
    main()
