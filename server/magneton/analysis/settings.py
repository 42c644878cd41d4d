"""Which settings can make an operator, or the host, cost more."""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.recording import Operator, Recording

# They decide what autograd keeps, not what a kernel does.
_INFERENCE = "torch.is_inference_mode_enabled()"
_BOOKKEEPING = frozenset(("torch.is_grad_enabled()", _INFERENCE))
# A whole backward pass goes by it, none of its operators.
_WORKERS = "torch._C._is_multithreading_enabled()"
# They decide what Python does beside its operators.
_OF_PYTHON = frozenset(("gc.isenabled()", "gc.get_threshold()", "tracemalloc.is_tracing()"))
_ANOMALY = "torch.is_anomaly_enabled()"
_DETERMINISTIC = "torch.are_deterministic_algorithms_enabled()"
_AUTOCAST = tuple(
    (f"torch.is_autocast_enabled({device!r})", f"torch.get_autocast_dtype({device!r})")
    for device in ("cpu", "cuda")
)
# What counts only where another is on.
_IDLE_WITHOUT = {
    "torch.is_anomaly_check_nan_enabled()": _ANOMALY,
    "torch.is_deterministic_algorithms_warn_only_enabled()": _DETERMINISTIC,
    "torch.utils.deterministic.fill_uninitialized_memory": _DETERMINISTIC,
    **{dtype: enabled for enabled, dtype in _AUTOCAST},
}
_PRECISION = "fp32_precision"
_MATMUL_TF32 = "torch.backends.cuda.matmul.allow_tf32"
_CUDNN_TF32 = "torch.backends.cudnn.allow_tf32"
_LEADERS = tuple(dict.fromkeys(_IDLE_WITHOUT.values()))
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
    *((on, tuple(each for each in _IDLE_WITHOUT if _IDLE_WITHOUT[each] == on)) for on in _LEADERS),
)
_NOT_SET = "not set"
_ALWAYS_TOLD = ("torch.", "gc.", "tracemalloc.")  # by versions that know of them
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
        *(_ANOMALY, _DETERMINISTIC, "torch.is_anomaly_check_nan_enabled()"),
        "torch.sparse.check_sparse_tensor_invariants.is_enabled()",
        "torch.distributions.Distribution.set_default_validate_args",
        "torch.backends.opt_einsum.enabled",
        "torch.backends.opt_einsum.strategy",
    )
)


def consulted(settings: dict[str, str]) -> dict[str, str]:
    """The settings that an operator's kernel may consult."""
    return _counting(settings, _BOOKKEEPING | _OF_PYTHON)


def _counting(settings: dict[str, str], others: frozenset[str]) -> dict[str, str]:
    """All but ``others``, and but what others make idle."""
    idle = {name for name, on in _IDLE_WITHOUT.items() if settings.get(on) == "False"}
    if settings.get(_INFERENCE) == "True":  # there it is off by itself
        idle.add(_WORKERS)
    return {
        name: value for name, value in settings.items() if name not in others and name not in idle
    }


def differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """The settings that a kernel may consult and that differ, in order of their names; of those
    that one call sets together only the one that names it."""
    return _differing(consulted(a), consulted(b))


def host_differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """As :func:`differing`, with those that only the host goes by."""
    none = frozenset[str]()
    return _differing(_counting(a, none), _counting(b, none))


def _differing(x: dict[str, str], y: dict[str, str]) -> list[str]:
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
    beside = (each for each, on in _IDLE_WITHOUT.items() if on == name and each in settings)
    return {name: settings.get(name, _NOT_SET)} | {each: settings[each] for each in beside}


def chooses_operators(name: str) -> bool:
    """Whether one and the same call runs other operators under another value of the setting."""
    return name in _CHOOSE_OPERATORS


def _told(name: str, settings: dict[str, str]) -> bool:
    """Whether a side says what ``name`` is: its torch may not have it, or refuse to tell. A
    variable of the environment that is not there is told too."""
    return not name.startswith(_ALWAYS_TOLD) or settings.get(name, "unknown") != "unknown"


def in_force(recording: Recording, operators: Iterable[Operator]) -> dict[str, str]:
    """The settings in force at ``operators``; of one that changed between them the last other
    value counts, so that what was set around one call shows."""
    variants = sorted({operator.settings for operator in operators})
    found = dict(recording.settings)
    for variant in variants:
        found |= recording.variants[variant]
    return found


def by_variant(recording: Recording) -> tuple[dict[str, str], ...]:
    """For every variant of the settings of ``recording`` those that one operator may go by."""
    others = _BOOKKEEPING | _OF_PYTHON | {_WORKERS}
    return tuple(_counting(recording.settings | each, others) for each in recording.variants)
