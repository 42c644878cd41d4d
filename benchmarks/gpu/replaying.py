"""Replayed energies on a GPU: against long windows, against the step, from run to run.

``python benchmarks/gpu/replaying.py PART [NAME...]``, one of

- ``pairs``: ``magneton compare`` of every pair whose ratio was measured by hand before;
- ``windows``: the replayed energy of single calls against 5 s of the same call;
- ``steps``: the sum of a step's operators against the step, and the step with and without the tool;
- ``repeat``: one pair three times.

Tables are printed as they grow; results go to ``$OUT`` where it is set; ``$TIME_BUDGET_S`` is the
time budget of each command (60).
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import pairs
import torch
from commands import FOLDER, HERE, magneton

from magneton.engine.store import load_result
from magneton_agent.meters.meter import Meter, Reading
from magneton_agent.meters.sensors import find_sensors
from magneton_agent.replay.calls import Bench
from magneton_agent.replay.replaying import ReplayMode
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.messages import CallEnergy, ReplayItem
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison, Side

# Energy and time, wasteful over efficient, measured by hand on an H200 (2 x 1.5 s a side).
BY_HAND = {
    "linear": (6.31, 6.36),
    "gelu": (7.22, 7.26),
    "layer_norm": (3.38, 3.14),
    "cross_entropy": (5.69, 24.7),
    "eigenvalues": (5.15, 5.97),
    "gqa": (1.46, 1.46),
    "attention": (13.3, 13.2),
    "joined": (1.41, 1.34),
    "head": (51.9, 47.8),
    "convolution": (1.28, 1.35),
    "adamw": (9.49, 30.1),
    "largest": (6.33, 5.10),
    "counting": (1.49, 1.51),
    "addmm": (0.54, 0.56),
    "addmm32": (0.93, 0.93),
}
STEPS = ("gpt2", "llama")
LONG_S, SETTLING_S, SHORTEST_S = 5.0, 0.5, 20e-6


def compare_pairs(names: Iterable[str]) -> None:
    print(
        "pair | verdict | energy a/b | by hand | time a/b | by hand | operators a/b | a | b | wall"
    )
    for name in names or BY_HAND:
        found, wall_s = results("compare", [f"{name}_a", f"{name}_b"], name)
        if not isinstance(found, Comparison):
            continue
        a, b = found.sides.a, found.sides.b
        by_hand = BY_HAND.get(name, (math.nan, math.nan))
        cells = (
            *(name, found.verdict),
            *(f"{ratio(a.energy_j, b.energy_j):.2f}", f"{by_hand[0]}"),
            *(f"{ratio(a.duration_s, b.duration_s):.2f}", f"{by_hand[1]}"),
            f"{ratio(a.operators_j, b.operators_j):.2f}",
            *(described(a), described(b), f"{wall_s:.0f} s"),
        )
        print(" | ".join(cells), flush=True)


def compare_windows(names: Iterable[str]) -> None:
    bench = Bench(find_sensors(True, "nvml", "").meters)
    meter = bench.meters[0]
    print("call | time | replayed | error | graph | 5 s window | replayed / window")
    for name in names or (f"{each}_{side}" for each in BY_HAND for side in "ab"):
        step = getattr(pairs, name)()
        for number, operator, found in replayed(step, bench):
            if found.duration_s >= SHORTEST_S:
                window_j, call_s = long_window(step, number, operator, found.captured, meter)
                cells = (
                    f"{name} {operator}",
                    f"{found.duration_s * 1e6:.1f} µs ({call_s * 1e6:.1f})",
                    f"{found.energy_j * 1e3:.4g} mJ",
                    f"{found.error:.1%}",
                    str(found.captured),
                    f"{window_j * 1e3:.4g} mJ",
                    f"{found.energy_j / window_j:.3f}",
                )
                print(" | ".join(cells), flush=True)
        del step
        torch.cuda.empty_cache()


def compare_steps(names: Iterable[str]) -> None:
    print("step | energy | operators | idle | residual | replayed | plain step | with / without")
    for name in names or STEPS:
        found, wall_s = results("measure", [name], name)
        if not isinstance(found, Measurement):
            continue
        side = found.side
        energy_j, duration_s = in_a_process_of_its_own(name)
        cells = (
            f"{name} ({wall_s:.0f} s)",
            *(figure(side.energy_j, "J"), figure(side.operators_j, "J"), figure(side.idle_j, "J")),
            f"{ratio(side.residual_j, side.energy_j):.1%}",
            described(side),
            f"{energy_j:.4g} J in {duration_s * 1e3:.4g} ms",
            f"energy {value(side.energy_j) / energy_j:.3f}, "
            f"time {value(side.duration_s) / duration_s:.3f}",
        )
        print(" | ".join(cells), flush=True)


def repeat(names: Iterable[str]) -> None:
    print("pair | run | verdict | energy a/b | operators a/b | a | b | wall")
    for name in names or ("gelu",):
        for number in range(3):
            found, wall_s = results("compare", [f"{name}_a", f"{name}_b"], f"{name}-{number}")
            if isinstance(found, Comparison):
                a, b = found.sides.a, found.sides.b
                cells = (
                    *(name, str(number), found.verdict),
                    f"{ratio(a.energy_j, b.energy_j):.3f}",
                    f"{ratio(a.operators_j, b.operators_j):.3f}",
                    *(described(a), described(b), f"{wall_s:.0f} s"),
                )
                print(" | ".join(cells), flush=True)


def results(command: str, names: Iterable[str], file: str) -> tuple[object, float]:
    """The result of one command, and how long it took, s; None where it failed."""
    path = FOLDER / f"{file}-{command}.json"
    arguments = [command, *(f"pairs.py:{name}" for name in names), "--json", str(path)]
    arguments += ["--time-budget", os.environ.get("TIME_BUDGET_S", "60")]
    printed, wall_s = magneton(file, arguments)
    if printed is None:
        return None, wall_s
    (FOLDER / f"{file}-{command}.txt").write_text(printed, encoding="utf-8")
    return load_result(path), wall_s


def replayed(step: Callable[[], object], bench: Bench) -> list[tuple[int, str, CallEnergy]]:
    """Number, name and energy of every operator of ``step`` that can be replayed."""
    names = operators_of(step)
    mode = ReplayMode([ReplayItem(i, name, 2.0) for i, name in enumerate(names)], bench)
    with mode:
        step()
    return [
        (each.operator, names[each.operator], each)
        for each in mode.outcomes()
        if isinstance(each, CallEnergy)
    ]


def operators_of(step: Callable[[], object]) -> list[str]:
    from magneton_agent.timing import time_step

    return time_step(step, cuda=True)[1]


def long_window(
    step: Callable[[], object], number: int, name: str, captured: bool, meter: Meter
) -> tuple[float, float]:
    """Energy (J) and time (s) of one call of operator ``number``, which is called ``name``, from
    ``LONG_S`` of nothing else, launched by a loop of this file's own."""
    found: list[tuple[float, float]] = []

    class Looping(ReplayMode):
        def look(self, number: int, func: Any, args: Any, kwargs: Any) -> None:
            found.append(looped(lambda: func(*args, **kwargs), captured, meter))

    with Looping([ReplayItem(number, name, 0.0)], Bench(())):
        step()
    return found[0]


def looped(call: Callable[[], object], captured: bool, meter: Meter) -> tuple[float, float]:
    """The same of ``call``, in a CUDA graph of 20 where it can be ``captured``."""
    with torch.cuda.stream(torch.cuda.Stream()):
        for _ in range(3):
            call()
        torch.cuda.synchronize()
        if not captured:
            power_w, call_s = steady(call, 1, meter)
        else:
            graph = torch.cuda.CUDAGraph()
            graph.capture_begin(capture_error_mode="thread_local")
            for _ in range(20):
                call()
            graph.capture_end()
            power_w, call_s = steady(graph.replay, 20, meter)
    return power_w * call_s, call_s


def steady(launch: Callable[[], object], calls: int, meter: Meter) -> tuple[float, float]:
    """Mean power (W) and time of a call (s) while the queue is full."""
    queued: list[torch.cuda.Event] = []

    def keep(window_s: float) -> float:
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < window_s:
            launch()
            done += calls
            queued.append(torch.cuda.Event())
            queued[-1].record()
            if len(queued) > 50:
                queued.pop(0).synchronize()
        return (time.perf_counter() - start) / done

    keep(SETTLING_S)
    with meter.window() as window:
        call_s = keep(LONG_S)
        reading = window.reading()
    torch.cuda.synchronize()
    if not isinstance(reading, Reading):
        raise SystemExit(reading.reason)
    return sum(each.power_w for each in reading.powers), call_s


def in_a_process_of_its_own(name: str) -> tuple[float, float]:
    """Energy (J) and time (s) of a step that nothing of the tool touches but the counter."""
    program = [sys.executable, __file__, "plain", name]
    done = subprocess.run(program, cwd=HERE, capture_output=True, text=True, check=True)
    energy_j, duration_s = done.stdout.split()[-2:]
    return float(energy_j), float(duration_s)


def plain(names: Iterable[str]) -> None:
    for name in names:
        step = getattr(pairs, name)()
        power_w, step_s = steady(step, 1, find_sensors(True, "nvml", "").meters[0])
        print(power_w * step_s, step_s)


def described(side: Side) -> str:
    replays = side.replays
    if replays is None:
        return "nothing replayed"
    refused = "; ".join(f"{each.operators} {each.name}: {each.reason}" for each in replays.refused)
    share = ratio(side.residual_j, side.energy_j)
    return (
        f"{replays.unique} unique, {replays.operators} of {side.operators}, {replays.share:.1%} "
        f"of operators, residual {share:.1%}{f' ({refused})' if refused else ''}"
    )


def value(figure: object) -> float:
    return figure.value if isinstance(figure, Quantity) else math.nan


def figure(found: object, unit: str) -> str:
    return f"{value(found):.4g} {unit}"


def ratio(a: object, b: object) -> float:
    return value(a) / value(b)


PARTS: dict[str, Callable[[Iterable[str]], None]] = {
    "pairs": compare_pairs,
    "windows": compare_windows,
    "steps": compare_steps,
    "repeat": repeat,
    "plain": plain,
}

if __name__ == "__main__":
    PARTS[sys.argv[1]](sys.argv[2:])
