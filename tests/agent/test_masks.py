"""Random results kept on one side and replayed on the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack

from magneton_agent.masks import MaskedStep
from magneton_agent.recorder import record
from magneton_agent.schema.messages import Masks

X = torch.arange(1.0, 41.0).reshape(4, 10)


def drops_a_quarter() -> torch.Tensor:
    return functional.dropout(X, 0.25)


def keep(folder: Path, step: Callable[[], Any], seed: int = 1) -> tuple[Any, int]:
    """What ``step`` gives, and how many random results of it were kept in ``folder``."""
    torch.manual_seed(seed)
    masked = MaskedStep(Masks(str(folder), replay=False))
    result = masked.run(step)
    masked.save()
    return result, masked.count


def replay(folder: Path, step: Callable[[], Any], seed: int = 2) -> tuple[Any, int]:
    torch.manual_seed(seed)
    masked = MaskedStep(Masks(str(folder), replay=True))
    return masked.run(step), masked.count


DRAWS: dict[str, Callable[[], torch.Tensor]] = {
    "dropout": lambda: functional.dropout(X, 0.5),
    "dropout with a gradient": lambda: functional.dropout(X.clone().requires_grad_(), 0.5),
    "native dropout": lambda: torch.native_dropout(X, 0.25, True)[0],
    "in place": lambda: X.clone().normal_(),
    "factory": lambda: torch.rand(3),
    "like another": lambda: torch.randn_like(X),
    "permutation": lambda: torch.randperm(20),
    "sampling": lambda: torch.multinomial(X[0], 5),
    "inference mode": torch.inference_mode()(lambda: X.clone().uniform_()),
}


@pytest.mark.parametrize("case", DRAWS)
def test_a_replayed_step_gives_the_same_bits_from_another_seed(tmp_path: Path, case: str) -> None:
    step = DRAWS[case]
    kept, count = keep(tmp_path, step)
    torch.manual_seed(2)
    plain, state = step(), torch.get_rng_state()
    assert not torch.equal(plain, kept)
    replayed, replays = replay(tmp_path, step)
    assert torch.equal(replayed, kept)
    assert (count, replays) == (1, 1)
    # Its own draw was made all the same.
    assert torch.equal(torch.get_rng_state(), state)


def test_of_dropout_only_the_mask_is_replayed(tmp_path: Path) -> None:
    keep(tmp_path, lambda: torch.native_dropout(X, 0.5, True))
    (output, mask), count = replay(tmp_path, lambda: torch.native_dropout(X * 3, 0.5, True))
    assert count == 1
    assert torch.equal(output, X * 3 * mask * 2.0)


def test_dropout_of_one_operator_and_of_several_drop_the_same(tmp_path: Path) -> None:
    """On a GPU it is one operator, on a CPU a mask is drawn and multiplied with."""
    one, several = (lambda: torch.native_dropout(X, 0.25, True)[0]), drops_a_quarter
    kept, count = keep(tmp_path, one)
    replayed, replays = replay(tmp_path, several)
    assert (count, replays) == (1, 1)
    assert torch.equal(replayed, kept)
    kept, count = keep(tmp_path, several)
    replayed, replays = replay(tmp_path, one)
    assert (count, replays) == (1, 1)
    assert torch.equal(replayed, kept)


def test_dropout_at_another_rate_is_another_draw(tmp_path: Path) -> None:
    keep(tmp_path, lambda: functional.dropout(X, 0.5))
    masked = MaskedStep(Masks(str(tmp_path), replay=True))
    masked.run(drops_a_quarter)
    assert (masked.count, masked.left) == (0, ("aten::bernoulli_",))


def test_what_draws_inside_of_a_larger_operator_is_named(tmp_path: Path) -> None:
    def step() -> torch.Tensor:
        return functional.rrelu(torch.rand(4) - X[0, :4], training=True)

    for replaying in (False, True):
        masked = MaskedStep(Masks(str(tmp_path), replay=replaying))
        masked.run(step)
        masked.save()
        assert (masked.count, masked.left) == (1, ("aten::rrelu_with_noise",))


def test_attention_with_dropout_draws_where_it_can_be_replayed(tmp_path: Path) -> None:
    """On a CPU it is made of smaller operators."""
    q = torch.randn(1, 2, 4, 8, generator=torch.Generator().manual_seed(0))

    def step() -> torch.Tensor:
        return functional.scaled_dot_product_attention(q, q, q, dropout_p=0.5)

    kept, count = keep(tmp_path, step)
    replayed, replays = replay(tmp_path, step)
    assert (count, replays) == (1, 1)
    assert torch.equal(replayed, kept)


def test_another_order_matches_by_operator_shape_and_type(tmp_path: Path) -> None:
    (first, second, rest), count = keep(
        tmp_path, lambda: (torch.rand(3), torch.rand(4), torch.rand(3))
    )
    (x, y, z, more), replays = replay(
        tmp_path, lambda: (torch.rand(4), torch.rand(3), torch.rand(3), torch.rand(3))
    )
    assert (count, replays) == (3, 3)
    assert torch.equal(x, second)
    assert torch.equal(y, first)
    assert torch.equal(z, rest)
    assert not torch.equal(more, rest)  # there is no fourth


def test_what_draws_nothing_or_mixes_is_left_alone(tmp_path: Path) -> None:
    q = torch.randn(1, 1, 4, 8)

    def step() -> tuple[torch.Tensor, ...]:
        return functional.dropout(X, 0.5, training=False), functional.rrelu(X, training=False), q

    assert keep(tmp_path, step)[1] == 0
    assert replay(tmp_path, step)[1] == 0


def test_a_recording_holds_what_was_replayed(tmp_path: Path) -> None:
    kept, _ = keep(tmp_path, lambda: torch.rand(50))
    (recording, _), _ = replay(tmp_path, lambda: record(lambda: torch.rand(50), {}))
    (draw,) = recording.operators
    sketch = recording.values[draw.outputs[0]].sketch
    assert draw.random
    assert sketch.total == pytest.approx(float(kept.double().sum()), rel=1e-12)


def test_without_masks_nothing_is_done_and_after_an_exception_nothing_remains(
    tmp_path: Path,
) -> None:
    assert MaskedStep(None).run(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        MaskedStep(Masks(str(tmp_path), replay=False)).run(lambda: 1 // 0)
    assert _get_current_dispatch_mode_stack() == []
    assert not list(tmp_path.iterdir())
