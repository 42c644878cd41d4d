"""Repeated work and regions that one value decides are one finding."""

from __future__ import annotations

from dataclasses import replace

from magneton.engine.merging import by_cause, merged
from magneton.engine.reconciling import APART
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, SideName
from tests.builders import cause, finding, instance, location, quantity, repeated

STEP_J: dict[SideName, Quantity] = {"a": quantity(2.0), "b": quantity(1.5)}
RAN = Evidence("repeated", "`table(x)` ran 4 times: aten::cos", None)
BESIDE = "the saving is also what repeated work costs; the figures of both sides are not"


def test_what_one_value_makes_one_side_repeat_and_pay_elsewhere() -> None:
    work = finding(regions=("r1", "r2"), count=2)
    (found,) = by_cause([repeated(cause=cause()), work], STEP_J)
    assert isinstance(found.saving_j, Quantity)
    assert isinstance(found.saving_ratio, Quantity)
    # 0.4 J and 0.3 J of a step of 2 J.
    assert (found.saving_j.value, found.saving_j.low) == (0.7, 0.4 * 0.99 + 0.3 * 0.99)
    assert found.saving_ratio.value == 0.35
    assert (found.regions, found.count, len(found.instances)) == (("r1", "r2"), 2, 3)
    assert found.message == work.message
    assert found.evidence == (*work.evidence, RAN, Evidence("energy", BESIDE, None))


def test_what_was_set_apart_is_no_longer() -> None:
    work = finding(evidence=(Evidence("energy", "twice", None), APART))
    (found,) = by_cause([work, repeated(cause=cause())], STEP_J)
    assert found.evidence == (Evidence("energy", "twice", None), RAN)
    first = repeated(cause=cause(), saving_j=quantity(0.9))
    (found,) = by_cause([work, first], STEP_J)
    assert (found.message, found.evidence) == (first.message, first.evidence)


def test_two_repetitions_that_one_value_decides() -> None:
    other = repeated(cause=cause(), saving_j=quantity(0.1), count=9, instances=(instance("x"),))
    (found,) = by_cause([repeated(cause=cause()), other], STEP_J)
    assert (found.count, found.regions, len(found.instances)) == (4, (), 4)
    assert found.evidence == (RAN, RAN)


def test_one_name_on_one_line_is_one_cause_in_whatever_words() -> None:
    work = finding(regions=("r1",))
    there = location(column=30, end_column=40)
    other = repeated(cause=cause(efficient_value="what it overrides", location=there))
    (found,) = by_cause([work, other], STEP_J)
    assert (found.regions, found.cause) == (("r1",), work.cause)


def test_what_has_another_cause_or_place_stays() -> None:
    others = [
        repeated(),
        repeated(),  # of which no place is known
        repeated(cause=cause(name="length")),
        repeated(cause=cause(), wasteful_side="b"),
        repeated(cause=cause(location=location(line=9))),
        finding(cause=None),
    ]
    assert by_cause([finding(), *others], STEP_J) == (finding(), *others)
    assert merged([finding()], STEP_J) == finding()


def test_what_one_setting_costs_a_region_and_the_host() -> None:
    setting = cause(kind="setting", location=None)
    told = (Evidence("host", "the host takes 0.5 J more", None), Evidence("setting", "it is", None))
    host = finding(cause=setting, regions=(), saving_j=quantity(0.5), evidence=told)
    work = finding(cause=replace(setting, confirmed=True))
    (found,) = by_cause([host, work], STEP_J)
    assert isinstance(found.saving_j, Quantity)
    assert (found.saving_j.value, found.regions, found.cause) == (0.9, ("r1",), work.cause)
    text = "the saving is also what it costs the host; the figures of both sides are not"
    assert found.evidence == (*work.evidence, told[0], Evidence("energy", text, None))
