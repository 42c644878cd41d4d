"""The text of a calibration."""

from __future__ import annotations

from magneton.report.calibration import render
from magneton_agent.schema.device import Coefficient, DeviceModel, Trial

MODEL = DeviceModel(
    names=("Test Board",),
    idle_w=Coefficient(120.0, 118.0, 121.5, "fit"),
    active_w=Coefficient(60.0, 50.0, 70.0, "fit"),
    busy_w=None,
    operation_pj={"matrix/bf16": Coefficient(0.7, 0.6, 0.8, "fit")},
    byte_pj={"memory": Coefficient(50.0, 49.0, 51.0, "fit")},
    cache_bytes=1,
    error=0.11,
    origin="fitted yesterday",
    trials=(Trial("idle", 0.01, 1.2, None), Trial("copy fp32 64 MiB", 4e-5, 0.01, 0.0111)),
)


def test_coefficients_with_bounds_then_kernels_then_the_error() -> None:
    assert render(MODEL).splitlines() == [
        "Test Board: fitted yesterday",
        "",
        "coefficient     value  from  to   unit",
        "idle            120    118   122  W",
        "active, on top  60     50    70   W",
        "matrix/bf16     0.7    0.6   0.8  pJ/operation",
        "memory          50     49    51   pJ/byte",
        "",
        "kernel            time (µs)  measured (mJ)  foretold (mJ)  error",
        "idle              10000.0    1200",
        "copy fp32 64 MiB  40.0       10             11.1           +11 %",
        "",
        "each kernel foretold from the others: median error 11.0 %, 19 of 20 within 11 %",
    ]
