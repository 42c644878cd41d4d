"""Which settings can make an operator cost more."""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.recording import Operator, Recording

# They decide what autograd keeps, not what a kernel does.
_BOOKKEEPING = frozenset(("torch.is_grad_enabled()", "torch.is_inference_mode_enabled()"))


def consulted(settings: dict[str, str]) -> dict[str, str]:
    """The settings that an operator's kernel may consult."""
    return {name: value for name, value in settings.items() if name not in _BOOKKEEPING}


def in_force(recording: Recording, operators: Iterable[Operator]) -> dict[str, str]:
    """The settings in force at ``operators``; of one that changed between them the last other
    value counts, so that what was set around one call shows."""
    variants = sorted({operator.settings for operator in operators})
    found = dict(recording.settings)
    for variant in variants:
        found |= recording.variants[variant]
    return found


def by_variant(recording: Recording) -> tuple[dict[str, str], ...]:
    """For every variant of the settings of ``recording`` those that a kernel may consult."""
    return tuple(consulted(recording.settings | variant) for variant in recording.variants)
