"""The host waits for the device in the middle of a step."""

from __future__ import annotations

from .counted import times
from .facts import Explanation, Facts, Note

_MOST_OF_IT = 0.5


def explain(facts: Facts) -> Explanation | None:
    """Waiting that only the wasteful side does, or more often, where it is most of the
    difference: while the host reads a number, it gives the device nothing more to do."""
    waits = facts.waits
    if waits is None or waits.times <= waits.other_times or waits.share < _MOST_OF_IT:
        return None
    name = waits.text or waits.names[0]
    note = Note(
        "synchronisation",
        f"side {facts.wasteful.name} waits for the device {times(waits.times)} a step here "
        f"({', '.join(waits.names)}), side {facts.efficient.name} {times(waits.other_times)}; "
        f"that is {100 * waits.share:.0f} % of the difference",
        waits.frame,
    )
    return Explanation(
        category="api-misuse",
        kind="synchronisation",
        name=name,
        wasteful_value=times(waits.times),
        efficient_value=times(waits.other_times),
        frame=waits.frame,
        evidence=(note,),
        message=f"`{name}` makes the host wait for the device {times(waits.times)} a step; the "
        "device has nothing to do until the host goes on",
        remedy="leave the value on the device as a tensor, or read it once, after the loop; let "
        "copies to the host be non_blocking",
    )
