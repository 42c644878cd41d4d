"""The rule for a framework setting."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.settings import explain
from tests.analysis.diagnosis.findings import facts, side


def test_one_setting_differs() -> None:
    a, b = (
        side("a", settings={"tf32": "False", "n": "1"}),
        side("b", settings={"tf32": "True", "n": "1"}),
    )
    found = explain(facts(a, b))
    assert found is not None
    assert (found.category, found.kind, found.name) == ("misconfiguration", "setting", "tf32")
    assert (found.wasteful_value, found.efficient_value) == ("False", "True")
    assert found.evidence[0].text == "tf32 is False on side a, True on side b"
    assert found.message == "tf32 is False; with True the same work costs less"
    assert found.remedy == "set tf32 as the other side has it: True"


def test_the_other_way_round() -> None:
    found = explain(
        facts(side("b", settings={"tf32": "True"}), side("a", settings={"tf32": "False"}))
    )
    assert found is not None
    assert found.evidence[0].text == "tf32 is True on side b, False on side a"


def test_a_setting_that_one_side_does_not_have() -> None:
    found = explain(facts(side("a", settings={}), side("b", settings={"KMP_BLOCKTIME": "0"})))
    assert found is not None
    assert (found.wasteful_value, found.efficient_value) == ("not set", "0")


def test_two_settings_cannot_be_told_apart() -> None:
    a, b = side("a", settings={"tf32": "1", "n": "1"}), side("b", settings={"tf32": "2", "n": "2"})
    assert explain(facts(a, b)) is None


def test_no_setting_differs() -> None:
    assert explain(facts()) is None


def test_other_operators_in_code_of_their_own_are_no_settings_doing() -> None:
    a, b = side("a", "mul", settings={"tf32": "1"}), side("b", "add", settings={"tf32": "2"})
    assert explain(facts(a, b, shared=False)) is None
    assert explain(facts(a, b, shared=True)) is not None
    assert explain(facts(a, side("b", "mul", settings={"tf32": "2"}), shared=False)) is not None


def test_a_setting_that_chooses_the_operators_of_the_same_call() -> None:
    call = "F.scaled_dot_product_attention(q, k, v)"
    name = "torch.backends.cuda.flash_sdp_enabled()"
    a = side("a", "bmm", "softmax", settings={name: "False"}, text=call)
    b = side("b", "flash", settings={name: "True"}, text=call)
    found = explain(facts(a, b, shared=False))
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == (name, "False", "True")
    other = replace(b, text="attend(q, k, v)")
    assert explain(facts(a, other, shared=False)) is None
    threads = (replace(each, settings={"torch.get_num_threads()": each.name}) for each in (a, b))
    assert explain(facts(*threads, shared=False)) is None
