"""A side by its device's coefficients, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import SideCost, model_warning
from magneton.analysis.modelled import by_model, shares, windows_j
from magneton.analysis.replayed import with_replays
from magneton.analysis.replays import Replay, Replays
from magneton_agent.schema.device import Coefficient
from magneton_agent.schema.messages import Sample
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.recording import Recording
from tests.analysis.steps import blocks, cost, exact
from tests.analysis.test_device import MODEL
from tests.analysis.work.calls import step, tensor

VALIDATED = replace(MODEL, error=0.125, origin="fitted here")
# 1000 x 1000 in bf16: 2e9 operations at 1 pJ, 3 * 2 MB at 60 pJ: 0.002 J + 0.00036 J, and 150 W.
VALUES = [tensor(i, (1000, 1000), "bfloat16") for i in range(3)]
PRODUCT: Recording = step("mm", VALUES[:2], VALUES[2:])
WORK_J = 2e9 * 1e-12 + 6e6 * 60e-12


def on_a_gpu() -> SideCost:
    """A step of 0.1 s, 0.04 s of it one product; a CPU's model says 10 J."""
    return replace(cost(blocks(*[(0.04,)] * 16), (100.0,)), step_s=exact(0.1))


def test_time_operations_bytes_and_idling_make_up_the_step() -> None:
    found = by_model(on_a_gpu(), PRODUCT, VALIDATED)
    product_j = 150 * 0.04 + WORK_J
    assert found.operators_j.value == pytest.approx(product_j)
    assert found.idle_j.value == pytest.approx(100 * 0.06)
    assert found.energy_j.value == pytest.approx(product_j + 6.0)
    assert found.energy_j.source == found.operators_j.source == "modelled"
    assert found.residual_j.value == pytest.approx(0.0, abs=1e-12)
    assert found.host_j == Absent("the device's coefficients do not cover the host")


def test_every_figure_is_as_uncertain_as_validation_found_the_model() -> None:
    found = by_model(on_a_gpu(), PRODUCT, VALIDATED)
    energy_j = found.energy_of((0,))
    assert energy_j.high / energy_j.value == pytest.approx(1.125)
    assert found.error_of((0,)) == pytest.approx(0.125)
    assert found.energy_j.low < found.energy_j.value < found.energy_j.high
    assert model_warning(found) == (
        "energy is computed from operations, bytes and time with the device's coefficients "
        "(fitted here), which may be wrong by 12 %"
    )
    assert model_warning(on_a_gpu()) is None


def test_a_model_that_was_not_validated_is_as_wrong_as_its_bounds() -> None:
    rough = replace(
        MODEL,
        idle_w=Coefficient(100.0, 50.0, 130.0, "an estimate"),
        active_w=None,
        operation_pj={},
        byte_pj={},
    )
    found = by_model(on_a_gpu(), PRODUCT, rough)
    assert found.error_of((0,)) == pytest.approx(0.5)
    idle_j = found.idle_j
    assert (idle_j.value, idle_j.low, idle_j.high) == pytest.approx((6.0, 3.0, 7.8))


def test_windows_differ_by_their_time() -> None:
    found = by_model(on_a_gpu(), PRODUCT, VALIDATED)
    samples = [Sample(1, duration_s, 0.1, None) for duration_s in (0.1, 0.2)]
    first, second = windows_j(found, samples)
    assert first == pytest.approx(found.energy_j.value)
    assert second == pytest.approx(2 * first)


def test_what_was_not_replayed_is_shared_by_the_model() -> None:
    values = [tensor(i, (1000, 1000), "bfloat16") for i in range(4)]
    both = replace(
        PRODUCT,
        values=tuple(values),
        operators=(
            PRODUCT.operators[0],
            replace(PRODUCT.operators[0], id=1, name="aten::neg", inputs=(2,), outputs=(3,)),
        ),
    )
    times_s = (1e-5, 1e-5)
    parts = shares(MODEL, both, times_s)
    assert sum(parts) == pytest.approx(2.0)
    assert parts[0] > 2 * parts[1]
    measured = replace(
        cost(blocks(*[times_s] * 16), (500.0, 500.0), 0.01, "apportioned"), step_s=exact(2e-5)
    )
    found = with_replays(measured, both, (("mm",), ("neg",)), {}, 100.0, parts)
    assert found.energy_of((0,)).value == pytest.approx(0.005 * parts[0])
    assert found.operators_j.value == pytest.approx(0.01)
    assert found.energy_of((0,)).source == "apportioned"
    # A replayed operator keeps its energy, and the other all of its share.
    replays: Replays = {("mm",): Replay(exact(0.004, "replayed"), 0.0)}
    found = with_replays(measured, both, (("mm",), ("neg",)), replays, 100.0, parts)
    assert found.energy_of((0,)).value == pytest.approx(0.004)
    assert found.energy_of((1,)).value == pytest.approx(0.005)
