"""Settings that a kernel may consult."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.settings import by_variant, consulted, in_force
from tests.analysis.steps import operator, recording


def test_what_only_autograd_consults_is_left_out() -> None:
    settings = {
        "torch.is_grad_enabled()": "False",
        "torch.is_inference_mode_enabled()": "True",
        "torch.get_num_threads()": "2",
    }
    assert consulted(settings) == {"torch.get_num_threads()": "2"}


def test_a_setting_of_one_call_is_in_force_there_only() -> None:
    step = replace(
        recording([operator("mm"), operator("mm", settings=1), operator("add")]),
        settings={"precision": "'highest'", "threads": "2"},
        variants=({}, {"precision": "'high'"}),
    )
    before, within, after = step.operators
    assert in_force(step, [before, after])["precision"] == "'highest'"
    assert in_force(step, [within]) == {"precision": "'high'", "threads": "2"}
    # One flag around a part of a region's operators shows in the region.
    assert in_force(step, step.operators)["precision"] == "'high'"
    assert step.settings_at(after) == step.settings
    assert [each["precision"] for each in by_variant(step)] == ["'highest'", "'high'"]
