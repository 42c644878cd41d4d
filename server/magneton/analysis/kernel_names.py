"""Names of GPU kernels as people say them."""

from __future__ import annotations

import re

LONGEST = 64
_OPEN, _CLOSE = "<({[", ">)}]"
_ANONYMOUS = "(anonymous namespace)::"
# Where torch or a library puts what a general kernel computes: the first such name tells.
_FUNCTION = re.compile(r"\b\w*(?:[Ff]unctor\w*|KernelImpl|kernel_cuda)\b")
_LITERAL = re.compile(r"\(|-?\d|true|false")
_OPERATOR = re.compile(r"operator(\(\)|[<>]=?)")


def short_name(name: str) -> str:
    """A demangled C++ name without return type, namespaces and parameters; of its template's
    arguments the one that says what it computes, else the first that is no number.

    >>> short_name("void at::native::vectorized_elementwise_kernel<4, at::native::"
    ...     "CUDAFunctor_add<float>, std::array<char*, 3ul> >(int, std::array<char*, 3ul>)")
    'vectorized_elementwise_kernel<CUDAFunctor_add>'
    >>> short_name("sm90_xmma_gemm_f32f32_f32f32_f32_tn_n_cublas")
    'sm90_xmma_gemm_f32f32_f32f32_f32_tn_n_cublas'
    >>> short_name("Memcpy DtoD (Device -> Device)")
    'Memcpy DtoD (Device -> Device)'
    """
    if name.startswith(("Memcpy", "Memset")) or not name.strip(":<>"):
        return name
    plain = _OPERATOR.sub("operator", name.replace(_ANONYMOUS, "")).removeprefix("void ")
    return _cut(_with_argument(plain) or name)


def _with_argument(plain: str) -> str:
    parts = _split(plain, "::")
    own, inside = _template(next((part for part in parts if "<" in part), parts[-1]))
    told = _FUNCTION.search(inside)
    if told is not None:
        return f"{own}<{told[0]}>"
    named = (each.strip() for each in _split(inside, ","))
    first = next((each for each in named if each and not _LITERAL.match(each)), None)
    if first is None:
        return own
    last = _template(_split(first, "::")[-1])[0]
    return f"{own}<{last.removeprefix('{')}>"  # of {lambda(float)#1} too only the word


def _template(part: str) -> tuple[str, str]:
    """The identifier of ``part`` and its template's arguments."""
    end = min((part.index(each) for each in "<(" if each in part), default=len(part))
    if not part[end:].startswith("<"):
        return part[:end], ""
    return part[:end], part[end + 1 : _closing(part, end)]


def _split(text: str, separator: str) -> list[str]:
    """``text`` at the separators that stand in no brackets."""
    depth, start, parts = 0, 0, []
    for place, character in enumerate(text):
        depth += (character in _OPEN) - _closes(text, place)
        if depth == 0 and text.startswith(separator, place):
            parts.append(text[start:place])
            start = place + len(separator)
    return [part for part in (*parts, text[start:]) if part] or [text]


def _closing(text: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] in _OPEN) - _closes(text, place)
        if depth == 0:
            return place
    return len(text)


def _closes(text: str, place: int) -> bool:
    return text[place] in _CLOSE and text[max(place - 1, 0) : place + 1] != "->"


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
