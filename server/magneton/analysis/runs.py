"""How often a source expression ran, and which operators each time was.

A recording does not say where one run of an expression ends and the next begins, so it is told from
the operators: a run starts where the first operator of all runs comes again from the same Python
stack, as far as that lies within the expression. What comes again in another module is the same run
if a library went through the parts of the one module that the expression calls.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from magneton_agent.schema.recording import Operator


def runs_of(
    operators: Sequence[Operator],
    height: Callable[[int], int],
    within: Callable[[Operator], Hashable] = lambda operator: operator.stack,
) -> list[list[int]]:
    """Ids of the ``operators`` of one expression by run, in execution order.

    ``height`` of an operator's id says how many modules up from the operator's the expression's
    own is: 1 where it runs in a layer of an ``nn.Sequential`` that the expression calls. ``within``
    tells where in the expression an operator stands, its whole stack unless told. Backward
    operators are in the run of the forward operator that made them.
    """
    runs: list[list[int]] = []
    run_of: dict[int, int] = {}
    first, current = operators[0], 0
    for operator in operators:
        number = run_of.get(operator.forward, -1) if operator.forward is not None else -1
        if number < 0:
            again = (_signature(operator), within(operator)) == (_signature(first), within(first))
            if again and (not runs or _begins(first, operator, height)):
                runs.append([])
                first, current = operator, len(runs) - 1
            number = current
        run_of[operator.id] = number
        runs[number].append(operator.id)
    return runs


def outer_module(operator: Operator, height: int) -> str:
    """The dotted path of the module ``height`` parts up from the operator's own, "" at the top."""
    parts = operator.module.split(".")
    return ".".join(parts[: max(0, len(parts) - height)])


def _signature(operator: Operator) -> tuple[str, str, int | None]:
    return operator.name, operator.phase, operator.forward


def _begins(first: Operator, operator: Operator, height: Callable[[int], int]) -> bool:
    """Whether ``operator``, which is as the first one of the run, starts another."""
    return operator.module == first.module or outer_module(
        operator, height(operator.id)
    ) != outer_module(first, height(first.id))
