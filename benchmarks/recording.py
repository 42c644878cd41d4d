"""What recording a step costs: time against the plain step, memory an operator, peak memory.

Ends with status 1 where an aim is missed. One thread; plain, watched and recorded steps in turn,
the fastest of each: load only ever adds. Memory is of fresh processes, one for each figure.
"""

from __future__ import annotations

import gc
import json
import math
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import GPT2Config, GPT2LMHeadModel

from magneton_agent.recorder import parameter_sketches, record
from magneton_agent.schema.recording import Recording

ROUNDS = 15
AIM_BYTES, AIM_PEAK = 3072.0, 1.05
HEADER = (
    "| step | operators | plain, ms | empty mode / plain | recorded / plain | aim |"
    " before and after it, ms | bytes an operator | peak / empty mode |\n"
    f"|{' --- |' * 9}"
)
Step = Callable[[], Any]


@dataclass(frozen=True)
class Program:
    """A step to be recorded; ``build`` returns it with its parameters by name."""

    name: str
    build: Callable[[], tuple[Step, dict[str, torch.Tensor]]]
    aim: float


class Empty(TorchDispatchMode):
    """Sees every operator and does nothing: what any recorder pays."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **(kwargs or {}))


def gpt2(width: int, batch: int, tokens: int, training: bool = False) -> Any:
    """GPT-2 with 4 layers."""
    torch.manual_seed(0)
    config = GPT2Config(
        n_layer=4, n_embd=width, n_head=max(1, width // 64), vocab_size=1024, use_cache=False
    )
    config._attn_implementation = "sdpa"
    model: Any = GPT2LMHeadModel(config)
    model.train(False)
    ids = torch.randint(0, 1024, (batch, tokens))

    def infer() -> Any:
        with torch.no_grad():
            return model(ids).logits

    def train() -> Any:
        model.zero_grad()
        loss = model(ids, labels=ids).loss
        loss.backward()
        return loss.detach()

    return (train if training else infer), dict(model.named_parameters())


def tiny() -> tuple[Step, dict[str, torch.Tensor]]:
    """Element by element, on eight numbers: next to nothing but overhead."""
    x = torch.ones(8)

    def step() -> torch.Tensor:
        y = x
        for _ in range(150):
            y = torch.tanh(y * 1.01 + 0.5)
        return y

    return step, {}


PROGRAMS = (
    Program("GPT-2, width 512, 2x128", lambda: gpt2(512, 2, 128), 2.0),
    Program("GPT-2, width 512, 2x128, backward", lambda: gpt2(512, 2, 128, training=True), 2.0),
    Program("GPT-2, width 32, 1x16", lambda: gpt2(32, 1, 16), 6.0),
    Program("450 operators on 8 numbers, nothing else", tiny, math.inf),
)


def recorded(step: Step, parameters: dict[str, torch.Tensor]) -> tuple[Recording, float, float]:
    """A recording, the seconds of its step, and those before and after it: sketching the
    parameters, and putting the recording together."""
    start = time.perf_counter()
    sketches = parameter_sketches(parameters)
    before_s = time.perf_counter() - start
    names = {id(tensor): name for name, tensor in parameters.items()}
    took: list[float] = []

    def timed_step() -> Any:
        begun = time.perf_counter()
        result = step()
        took.append(time.perf_counter() - begun)
        return result

    start = time.perf_counter()
    recording, _ = record(timed_step, names, sketches)
    return recording, took[0], before_s + time.perf_counter() - start - took[0]


def times(program: Program) -> dict[str, float]:
    """The fastest of plain, watched and recorded steps, and of what comes around it."""
    step, parameters = program.build()
    plain_s, empty_s, traced_s, around_s = [], [], [], []
    count = 0
    for _ in range(ROUNDS):
        plain_s.append(timed(step))
        with Empty():  # type: ignore[no-untyped-call]  # torch's constructor has no types
            empty_s.append(timed(step))
        recording, step_s, rest_s = recorded(step, parameters)
        traced_s.append(step_s)
        around_s.append(rest_s)
        count = len(recording.operators)
    return {
        "operators": count,
        "plain_s": min(plain_s),
        "empty": min(empty_s) / min(plain_s),
        "traced": min(traced_s) / min(plain_s),
        "around_s": min(around_s),
    }


def timed(step: Step) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def memory(number: int, how: str) -> float:
    """In this process: bytes an operator, or the peak of resident memory with a mode."""
    step, parameters = PROGRAMS[number].build()
    step()
    if how == "bytes":
        recorded(step, parameters)
        gc.collect()
        tracemalloc.start()
        recording, _, _ = recorded(step, parameters)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        return held / len(recording.operators)
    if how == "recorded":
        recorded(step, parameters)
    else:
        with Empty():  # type: ignore[no-untyped-call]  # torch's constructor has no types
            step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def in_fresh_process(number: int, how: str) -> float:
    done = subprocess.run(
        [sys.executable, __file__, str(number), how], capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout))


def row(number: int, program: Program) -> tuple[str, bool]:
    """The program's line of the table, and whether it meets its aims."""
    found = times(program)
    size = in_fresh_process(number, "bytes")
    peak = in_fresh_process(number, "recorded") / in_fresh_process(number, "empty")
    met = (found["traced"] <= program.aim, size <= AIM_BYTES, peak <= AIM_PEAK)
    cells = (
        program.name,
        f"{found['operators']:.0f}",
        f"{found['plain_s'] * 1e3:.2f}",
        f"{found['empty']:.2f}",
        marked(f"{found['traced']:.2f}", met[0]),
        "" if math.isinf(program.aim) else f"{program.aim:.1f}",
        f"{found['around_s'] * 1e3:.1f}",
        marked(f"{size:.0f}", met[1]),
        marked(f"{peak:.3f}", met[2]),
    )
    return f"| {' | '.join(cells)} |", all(met)


def marked(text: str, met: bool) -> str:
    return text if met else f"**{text}**"


def main() -> int:
    torch.set_num_threads(1)
    if len(sys.argv) == 3:
        print(json.dumps(memory(int(sys.argv[1]), sys.argv[2])))
        return 0
    print(HEADER)
    met = True
    for number, program in enumerate(PROGRAMS):
        line, good = row(number, program)
        met &= good
        print(line, flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
