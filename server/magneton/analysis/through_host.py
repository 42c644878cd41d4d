"""What one side computes on the host, of numbers that it reads from tensors one by one.

A recording shows what is read (``item``) and the tensor that is made of the results
(``torch.tensor``), and nothing between them. Where the other side computes that tensor from what
is read here, the one leads to the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .context import Pairs
from .flow import Flow

Link = tuple[int, int]
"""An operator that gives the host a number, and one that makes a value of such."""
_LIFTED = "aten::lift_fresh"  # what torch calls when it has made a tensor of numbers or an array


def with_host(a: Flow, b: Flow, numbers: tuple[Pairs, Pairs]) -> tuple[Flow, Flow]:
    """Both flows, with what the host reads leading to the matched values that only the other side
    computes from there; ``numbers`` are those of the pairs, by side."""
    return (
        _with(a, _links((a, b), numbers)),
        _with(b, _links((b, a), (numbers[1], numbers[0]))),
    )


def _links(flows: tuple[Flow, Flow], numbers: tuple[Pairs, Pairs]) -> list[Link]:
    """The links of the first of ``flows``."""
    own, other = flows
    if all(operator.outputs for operator in own.operators):
        return []
    readers = _readers(own, numbers[0])
    group_of = [{number: group for group, number in pairs.items()} for pairs in numbers]
    links: list[Link] = []
    for number, reading in readers.items():
        computed = _below(other, [group_of[1][number]], numbers[1])
        targets = {numbers[1][group] for group in computed if group in numbers[1]}
        known = _below(own, [group_of[0][number]], {}) if targets else set()
        for target in sorted(targets):
            made = _made_at(own, group_of[0][target])
            if made is not None and group_of[0][target] not in known:
                links += [(reader, made) for reader in reading if reader < made]
    return links


def _readers(flow: Flow, matched: Pairs) -> dict[int, list[int]]:
    """By pair: the operators without a result that read its value, or what is made of that with
    nothing matched between."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    above: dict[int, frozenset[int]] = {}
    for operator, read, written in zip(flow.operators, flow.reads, flow.writes, strict=True):
        nearest = frozenset[int]().union(
            *({matched[g]} if g in matched else above.get(g, ()) for g in read)
        )
        above.update(dict.fromkeys(written, nearest))
        if not operator.outputs:
            for number in nearest:
                found[number].append(operator.id)
    return found


def _below(flow: Flow, groups: Sequence[int], stops: Mapping[int, int]) -> set[int]:
    """What is computed of ``groups``, through all but the ``stops``."""
    pending, found = list(groups), set[int]()
    while pending:
        for consumer in flow.consumers.get(pending.pop(), ()):
            for group in flow.writes[consumer]:
                if group not in found:
                    found.add(group)
                    if group not in stops:
                        pending.append(group)
    return found


def _made_at(flow: Flow, group: int) -> int | None:
    """The operator that makes a value in the step, if only of what the host has."""
    if group in flow.producer:
        return flow.producer[group]
    lifts = (each for each in sorted(flow.moves) if flow.operators[each].name == _LIFTED)
    return next((each for each in lifts if flow.reads[each] == (group,)), None)


def _with(flow: Flow, links: Sequence[Link]) -> Flow:
    """``flow`` with a value of its own for each of ``links``, from the one operator to the other;
    what is made of what the host has is then made in the step."""
    if not links:
        return flow
    reads, writes = list(flow.reads), list(flow.writes)
    producer, consumers = dict(flow.producer), dict(flow.consumers)
    moves = set(flow.moves)
    for number, (reader, made) in enumerate(dict.fromkeys(links)):
        value = -1 - number  # no group of the recording's
        writes[reader] += (value,)
        producer[value], consumers[value] = reader, (made,)
        if made in moves:
            moves.remove(made)
            (lifted,) = reads[made]
            writes[made], reads[made], producer[lifted] = (lifted,), (), made
        reads[made] += (value,)
    return replace(
        flow,
        reads=tuple(reads),
        writes=tuple(writes),
        moves=frozenset(moves),
        producer=producer,
        consumers=consumers,
    )
