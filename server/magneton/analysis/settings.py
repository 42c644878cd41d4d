"""Which settings can make an operator cost more."""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.recording import Operator, Recording

# They decide what autograd keeps, not what a kernel does.
_BOOKKEEPING = frozenset(("torch.is_grad_enabled()", "torch.is_inference_mode_enabled()"))
_AUTOCAST = tuple(
    (f"torch.is_autocast_enabled({device!r})", f"torch.get_autocast_dtype({device!r})")
    for device in ("cpu", "cuda")
)
_PRECISION = "fp32_precision"
_MATMUL_TF32 = "torch.backends.cuda.matmul.allow_tf32"
_CUDNN_TF32 = "torch.backends.cudnn.allow_tf32"
# Setting the first of them changes what the others say.
_FOLLOWERS = (
    (
        "torch.get_float32_matmul_precision()",
        (
            _MATMUL_TF32,
            f"torch.backends.cuda.matmul.{_PRECISION}",
            f"torch.backends.mkldnn.matmul.{_PRECISION}",
        ),
    ),
    (
        f"torch.backends.{_PRECISION}",
        tuple(
            f"torch.backends.{part}.{_PRECISION}"
            for part in (
                *("cuda.matmul", "cudnn", "cudnn.conv", "cudnn.rnn"),
                *("mkldnn", "mkldnn.matmul", "mkldnn.conv", "mkldnn.rnn"),
            )
        ),
    ),
    (
        _CUDNN_TF32,
        tuple(f"torch.backends.cudnn{part}.{_PRECISION}" for part in ("", ".conv", ".rnn")),
    ),
    *((enabled, (dtype,)) for enabled, dtype in _AUTOCAST),
)
_NOT_SET = "not set"
_ATTENTION = "torch.nn.attention.sdpa_kernel"
_ATTENTION_FLAGS = {
    "torch.backends.cuda.math_sdp_enabled()": "MATH",
    "torch.backends.cuda.flash_sdp_enabled()": "FLASH_ATTENTION",
    "torch.backends.cuda.mem_efficient_sdp_enabled()": "EFFICIENT_ATTENTION",
    "torch.backends.cuda.cudnn_sdp_enabled()": "CUDNN_ATTENTION",
}
# One call runs other operators where they differ; the rest only choose among an operator's kernels.
_CHOOSE_OPERATORS = frozenset(
    (
        *(_ATTENTION, *_ATTENTION_FLAGS),
        *(enabled for enabled, _ in _AUTOCAST),
        "torch.backends.cudnn.enabled",
        "torch.backends.mkldnn.enabled",
        "torch.backends.mha.get_fastpath_enabled()",
        "torch.are_deterministic_algorithms_enabled()",
    )
)


def consulted(settings: dict[str, str]) -> dict[str, str]:
    """The settings that an operator's kernel may consult."""
    idle = {dtype for enabled, dtype in _AUTOCAST if settings.get(enabled) == "False"}
    return {
        name: value
        for name, value in settings.items()
        if name not in _BOOKKEEPING and name not in idle
    }


def differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """The settings that a kernel may consult and that differ, in order of their names; of those
    that one call sets together only the one that names it."""
    x, y = consulted(a), consulted(b)
    found = {
        name
        for name in x.keys() | y.keys()
        if x.get(name) != y.get(name) and _told(name, x) and _told(name, y)
    }
    for leader, followers in _FOLLOWERS:
        if leader in found:
            found.difference_update(followers)
    if len(found & _ATTENTION_FLAGS.keys()) > 1:
        found = (found - _ATTENTION_FLAGS.keys()) | {_ATTENTION}
    return sorted(found)


def value_of(name: str, settings: dict[str, str]) -> str:
    """What ``settings`` say of a name that :func:`differing` gave, as a program writes it."""
    if name == _ATTENTION:
        allowed = [kind for flag, kind in _ATTENTION_FLAGS.items() if settings.get(flag) == "True"]
        return f"[{', '.join(allowed)}]"
    return settings.get(name, _NOT_SET)


def as_held(name: str, settings: dict[str, str]) -> dict[str, str]:
    """All that is to be set for a name that :func:`differing` gave to be what ``settings`` say."""
    if name == _ATTENTION:
        return {flag: settings[flag] for flag in _ATTENTION_FLAGS if flag in settings}
    dtype = dict(_AUTOCAST).get(name)
    followers = {dtype: settings[dtype]} if dtype is not None and dtype in settings else {}
    return {name: settings.get(name, _NOT_SET)} | followers


def chooses_operators(name: str) -> bool:
    """Whether one and the same call runs other operators under another value of the setting."""
    return name in _CHOOSE_OPERATORS


def _told(name: str, settings: dict[str, str]) -> bool:
    """Whether a side says what ``name`` is: its torch may not have it, or refuse to tell. A
    variable of the environment that is not there is told too."""
    return not name.startswith("torch.") or settings.get(name, "unknown") != "unknown"


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
