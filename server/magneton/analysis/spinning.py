"""Does one side keep CPUs busy that the other leaves alone, and gain no time by it?"""

from __future__ import annotations

from .cost import SideCost

_EQUAL = 0.10  # of the step's time
_CLEARLY = 0.25  # of a CPU, surely


def busy_waiting(a: SideCost, b: SideCost) -> str | None:
    """What to say where two equally long steps differ in how many CPUs they keep busy.

    A program that spins until something has happened takes as long as one that sleeps until then.
    """
    slow_s, fast_s = sorted((a.step_s.value, b.step_s.value), reverse=True)
    if fast_s <= 0 or slow_s > (1 + _EQUAL) * fast_s:
        return None
    more, less, name, other = (a, b, "a", "b") if _cpus(a) >= _cpus(b) else (b, a, "b", "a")
    surely = more.cpu_s.low / more.step_s.value - less.cpu_s.high / less.step_s.value
    if surely < _CLEARLY:
        return None
    return (
        f"side {name} keeps {_cpus(more):.2f} CPUs busy and side {other} {_cpus(less):.2f}, in "
        f"steps that take equally long ({_ms(a)} and {_ms(b)}): what side {name} computes beyond "
        "the other gains no time, as where a program spins while it waits"
    )


def _cpus(cost: SideCost) -> float:
    return cost.cpu_s.value / cost.step_s.value


def _ms(cost: SideCost) -> str:
    return f"{cost.step_s.value * 1e3:.3g} ms"
