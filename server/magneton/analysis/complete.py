"""Which rounds of sampling count: those of which every one that takes part has something left.

Two sides are taken A B, then B A, and so on. Whoever leaves out what is missing on one side alone
pairs all that follows with what was taken at another time, and in the other order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Windows = Sequence[float | None]
"""One figure for every round; None where it is not known."""


def complete_rounds(whole: Iterable[bool], alternating: bool) -> list[int]:
    """The numbers of the rounds that are ``whole``. ``alternating``: as the order of a pair tells a
    drift, none of the rounds that are left follows one of its own order."""
    kept: list[int] = []
    for number, each in enumerate(whole):
        if each and not (alternating and kept and (number - kept[-1]) % 2 == 0):
            kept.append(number)
    return kept


def known(windows: Windows) -> list[float]:
    """What is known of ``windows``, in order."""
    return [each for each in windows if each is not None]


def paired(a: Windows, b: Windows) -> tuple[list[float], list[float]]:
    """What two sides gave in the rounds that both of them have, orders alternating."""
    pairs = list(zip(a, b, strict=False))
    whole = (None not in pair for pair in pairs)
    kept = [pairs[number] for number in complete_rounds(whole, alternating=True)]
    return known([x for x, _ in kept]), known([y for _, y in kept])
