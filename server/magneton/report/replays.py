"""What was replayed of a side, in a sentence."""

from __future__ import annotations

from magneton_agent.schema.result import ReplaySummary

from .shares import percent

_MOST_REFUSALS = 3


def replays_text(replays: ReplaySummary) -> str:
    """How many operators were run alone beside the sensor, how much of the operators' energy that
    is, and what could not be."""
    return "; not replayed: ".join([_replayed(replays), *_refused(replays)])


def _replayed(replays: ReplaySummary) -> str:
    if not replays.operators:
        return "no operator was replayed"
    return (
        f"{replays.operators} operators replayed ({replays.unique} different ones), "
        f"{percent(replays.share, 0)} of the operators' energy"
    )


def _refused(replays: ReplaySummary) -> list[str]:
    shown = replays.refused[:_MOST_REFUSALS]
    texts = [f"{each.operators} × {each.name} ({each.reason})" for each in shown]
    more = len(replays.refused) - len(shown)
    if more:
        texts.append(f"and {more} more, in the result file")
    return [", ".join(texts)] if texts else []
