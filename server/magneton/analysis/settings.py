"""Which settings can make an operator cost more."""

from __future__ import annotations

# They decide what autograd keeps, not what a kernel does.
_BOOKKEEPING = frozenset(("torch.is_grad_enabled()", "torch.is_inference_mode_enabled()"))


def consulted(settings: dict[str, str]) -> dict[str, str]:
    """The settings that an operator's kernel may consult."""
    return {name: value for name, value in settings.items() if name not in _BOOKKEEPING}
