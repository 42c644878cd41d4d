"""The rule for a framework setting."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.facts import Difference, TriedFact
from magneton.analysis.diagnosis.settings import confirmed, untried
from magneton.analysis.effect import Effect
from magneton.analysis.statistics import Interval
from magneton_agent.schema.result import Cause
from tests.analysis.diagnosis.findings import facts, side


def test_one_setting_differs() -> None:
    a, b = (
        side("a", settings={"tf32": "False", "n": "1"}),
        side("b", settings={"tf32": "True", "n": "1"}),
    )
    found = untried(facts(a, b))
    assert found is not None
    assert (found.category, found.kind, found.name) == ("misconfiguration", "setting", "tf32")
    assert (found.wasteful_value, found.efficient_value) == ("False", "True")
    assert found.evidence[0].text == "tf32 is False on side a, True on side b"
    assert found.message == "tf32 is False; with True the same work costs less"
    assert found.remedy == "set tf32 as the other side has it: True"


def test_the_other_way_round() -> None:
    found = untried(
        facts(side("b", settings={"tf32": "True"}), side("a", settings={"tf32": "False"}))
    )
    assert found is not None
    assert found.evidence[0].text == "tf32 is True on side b, False on side a"


def test_a_setting_that_one_side_does_not_have() -> None:
    found = untried(facts(side("a", settings={}), side("b", settings={"KMP_BLOCKTIME": "0"})))
    assert found is not None
    assert (found.wasteful_value, found.efficient_value) == ("not set", "0")


def test_two_settings_cannot_be_told_apart() -> None:
    a, b = side("a", settings={"tf32": "1", "n": "1"}), side("b", settings={"tf32": "2", "n": "2"})
    assert untried(facts(a, b)) is None


def test_no_setting_differs() -> None:
    assert untried(facts()) is None


def test_other_operators_in_code_of_their_own_are_no_settings_doing() -> None:
    a, b = side("a", "mul", settings={"tf32": "1"}), side("b", "add", settings={"tf32": "2"})
    assert untried(facts(a, b, shared=False)) is None
    assert untried(facts(a, b, shared=True)) is not None
    assert untried(facts(a, side("b", "mul", settings={"tf32": "2"}), shared=False)) is not None


def test_a_setting_that_chooses_the_operators_of_the_same_call() -> None:
    call = "F.scaled_dot_product_attention(q, k, v)"
    name = "torch.backends.cuda.flash_sdp_enabled()"
    a = side("a", "bmm", "softmax", settings={name: "False"}, text=call)
    b = side("b", "flash", settings={name: "True"}, text=call)
    found = untried(facts(a, b, shared=False))
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == (name, "False", "True")
    other = replace(b, text="attend(q, k, v)")
    assert untried(facts(a, other, shared=False)) is None
    threads = (replace(each, settings={"torch.get_num_threads()": each.name}) for each in (a, b))
    assert untried(facts(*threads, shared=False)) is None


TF32 = Cause("setting", "tf32", "1", "2", None, True)


def tried(name: str, saved: float, moved: bool = True) -> TriedFact:
    """A setting that was 1 and is tried with 2; the energy falls ``saved`` times."""
    effect = Effect(Interval(saved, saved, saved), Interval(4.0, 4.0, 4.0), None)
    return TriedFact(Difference("setting", name, "1", "2"), effect, confirmed=moved)


def test_what_was_tried_and_moved_the_energy_is_the_cause() -> None:
    given = facts(tried=(tried("n", 1.0, moved=False), tried("tf32", 4.0), tried("m", 2.5)))
    found = confirmed(given)
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == ("tf32", "1", "2")
    assert (found.kind, found.confirmed) == ("setting", True)
    assert [note.kind for note in found.evidence] == ["setting", "trial"]
    assert found.evidence[1].text == (
        "tried on side a: with 2 instead of 1, these operators then take 0.25 times the energy "
        "(0.25 to 0.25); the other side's take 0.25 times"
    )
    assert given.beside(TF32) == (
        (
            "n",
            "with 2 instead of 1, these operators then take 1.00 times the energy (1.00 to 1.00); "
            "the other side's take 0.25 times",
        ),
        (
            "m",
            "it counts too: with 2 instead of 1, these operators then take 0.40 "
            "times the energy (0.40 to 0.40); the other side's take 0.25 times",
        ),
    )


def test_what_was_tried_and_did_not_is_not() -> None:
    a, b = side("a", settings={"tf32": "1"}), side("b", settings={"tf32": "2"})
    given = facts(a, b, tried=(tried("tf32", 1.1, moved=False),))
    assert confirmed(given) is None
    assert untried(given) is None


def test_the_one_that_could_not_be_tried_stays_a_guess() -> None:
    a, b = side("a", settings={"tf32": "1"}), side("b", settings={"tf32": "2"})
    difference = Difference("setting", "tf32", "1", "2")
    given = facts(a, b, tried=(TriedFact(difference, None, untried="it is a trace"),))
    found = untried(given)
    assert found is not None
    assert (found.name, found.confirmed) == ("tf32", False)
    assert found.evidence[1].text == "with 2 instead of 1, not tried: it is a trace"
    assert given.beside(TF32) == ()


def test_the_setting_that_a_cause_decides_on_is_not_ruled_out() -> None:
    given = facts(tried=(tried("n", 1.0, moved=False), tried("tf32", 4.0)))
    decides = replace(TF32, name="FAST")
    assert [name for name, _ in given.beside(decides)] == ["n", "tf32"]
    assert [name for name, _ in given.beside(decides, through="tf32")] == ["n"]
