"""How well the energy model foretells operators of an H200 that were measured for 5 s.

``python benchmarks/foretold.py``: for each call of the tables of 5 s windows (docs/benchmarks.md)
the measured energy beside what a fit to the calibration kernels says, and what a fit to those and
all other calls says; then median errors and rank correlations (Spearman). Times are those of the
windows. ``--json`` prints the coefficients of the fit to all, as they are shipped. Needs no GPU.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis.work.calls import Shape, step, tensor

from magneton.analysis.calibration import Kernel, fitted
from magneton.analysis.device import energy_j, features_of
from magneton.analysis.work.amount import work_of
from magneton.analysis.work.levels import levels
from magneton.engine.calibration import board_features, exercises, name_of
from magneton.engine.devices import shipped
from magneton_agent.schema.codec import to_json
from magneton_agent.schema.recording import Recording

_BOARD = "NVIDIA H200"
_IMAGE, _LAST = (32, 64, 64, 256), (1048576, 64, 1, 4096)
_LOGITS, _ROWS = (2, 2048, 50257), (4096, 50257)
_HEADS = (4, 32, 2048, 128)
_PHOTO, _FILTERS = (64, 256, 56, 56), (256, 256, 3, 3)
_PARTS, _JOINED = ((4, 4096, 3072), (4, 512, 3072)), (4, 4608, 3072)
_MASK = (64, 1024, 1024)


@dataclass(frozen=True)
class _Call:
    """One call: its tensors, and what a window of 5 s gave, s and J."""

    name: str
    dtype: str
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    duration_s: float
    energy_j: float
    strides: Shape | None = None  # of the first input
    gives: str | None = None  # the dtype of the outputs, where it is another one
    causal: bool = False

    def kernel(self, cache_bytes: int) -> Kernel:
        """What the device is charged for."""
        recording = self._recording()
        work = [work_of(recording, recording.operators[0])]
        features = features_of(work[0], levels(work, cache_bytes)[0], self.duration_s)
        sizes = "×".join(map(str, max(self.inputs, key=math.prod)))
        name = f"{self.name} {self.dtype} {sizes}{' strided' if self.strides else ''}"
        return Kernel(name, features, self.duration_s, self.energy_j)

    def _recording(self) -> Recording:
        inputs = [
            tensor(number, shape, self.dtype, self.strides if number == 0 else None)
            for number, shape in enumerate(self.inputs)
        ]
        outputs = [
            tensor(len(inputs) + number, shape, self.gives or self.dtype)
            for number, shape in enumerate(self.outputs)
        ]
        arguments = {"is_causal": "True"} if self.causal else {}
        return step(self.name, inputs, outputs, **arguments)


def _product(
    name: str, dtype: str, sizes: tuple[int, int, int], duration_s: float, energy_j: float
) -> _Call:
    rows, inner, columns = sizes
    bias = ((columns,),) if name == "addmm" else ()
    inputs = (*bias, (rows, inner), (inner, columns))
    return _Call(name, dtype, inputs, ((rows, columns),), duration_s, energy_j)


CALLS = (
    _product("addmm", "float32", (8192, 2048, 8192), 5.45e-3, 3.820),
    _product("addmm", "bfloat16", (65536, 768, 3072), 535.4e-6, 0.3698),
    _product("mm", "bfloat16", (18432, 3072, 3072), 531.1e-6, 0.3662),
    _Call("gelu", "float16", ((8, 1024, 3072),), ((8, 1024, 3072),), 31.1e-6, 0.02176),
    _Call("native_layer_norm", "float32", (_IMAGE,), (_IMAGE,), 469e-6, 0.2707, _LAST),
    _Call("clone", "float32", (_IMAGE,), (_IMAGE,), 233e-6, 0.1448, _LAST),
    _Call(
        "_scaled_dot_product_cudnn_attention",
        *("bfloat16", (_HEADS,) * 3, (_HEADS,), 290e-6, 0.2041),
        causal=True,
    ),
    _Call("clone", "float32", (_LOGITS,), (_LOGITS,), 1.51e-3, 0.9161, (102926336, 1, 2048)),
    _Call("_log_softmax", "float32", (_ROWS,), (_ROWS,), 756e-6, 0.5255),
    _Call("convolution", "float16", (_PHOTO, _FILTERS), (_PHOTO,), 680.7e-6, 0.470),
    _Call("convolution", "float16", (_PHOTO, _FILTERS), (_PHOTO,), 507.8e-6, 0.3506),
    _Call("sort", "float32", ((256, 128256),), ((256, 128256),), 2383.8e-6, 1.251),
    _Call("topk", "float32", ((256, 128256),), ((256, 40),), 473.5e-6, 0.2019),
    _Call("ne", "bool", (_MASK,), (_MASK,), 172.2e-6, 0.07157),
    _Call("_to_copy", "bool", (_MASK,), (_MASK,), 202.3e-6, 0.09894, gives="int64"),
    _Call("sum", "int64", (_MASK,), ((),), 125.3e-6, 0.06031),
    _Call("cat", "bfloat16", _PARTS, (_JOINED,), 56.9e-6, 0.03374),
    _Call("cat", "bfloat16", _PARTS, (_JOINED,), 240.6e-6, 0.09958, (14155776, 3072, 1)),
)


def main() -> None:
    model = next(each for each in shipped() if _BOARD.startswith(each.names))
    exercised = {name_of(each): each for each in exercises(True, 0)}
    kernels = [
        Kernel(
            each.name,
            board_features(exercised[each.name], each.duration_s),
            each.duration_s,
            each.energy_j,
        )
        for each in model.trials
        if each.name in exercised
    ]
    calls = [each.kernel(model.cache_bytes) for each in CALLS]
    alone = fitted(model.names, kernels, model.cache_bytes, "")
    both = fitted(model.names, [*kernels, *calls], model.cache_bytes, model.origin)
    if sys.argv[1:] == ["--json"]:
        print(json.dumps(to_json(both), indent=1))
        return
    by_kernels_j = [energy_j(alone, dict(each.features)) for each in calls]
    by_others_j = [each.predicted_j or 0.0 for each in both.trials[len(kernels) :]]
    print("call | time | measured | by kernels alone | by kernels and the other calls")
    for call, *modelled_j in zip(calls, by_kernels_j, by_others_j, strict=True):
        cells = (f"{each * 1e3:.4g} mJ ({each / call.energy_j:.2f})" for each in modelled_j)
        energy = f"{call.energy_j * 1e3:.4g} mJ"
        print(" | ".join((call.name, f"{call.duration_s * 1e6:.1f} µs", energy, *cells)))
    measured_j = [call.energy_j for call in calls]
    for title, found_j in (("kernels alone", by_kernels_j), ("with the others", by_others_j)):
        errors = [abs(x / y - 1) for x, y in zip(found_j, measured_j, strict=True)]
        ranks = statistics.correlation(_ranks(found_j), _ranks(measured_j))
        print(
            f"{title}: median error {statistics.median(errors):.1%}, largest {max(errors):.0%}, "
            f"rank correlation {ranks:.3f}"
        )


def _ranks(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [float(ordered.index(each)) for each in values]


if __name__ == "__main__":
    main()
