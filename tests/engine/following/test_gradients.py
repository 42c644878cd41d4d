"""What decides that one side records gradients is followed to where it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import expected_place, filled, gradients, place_of

HEAD = "import torch\nfrom torch import nn\n"
Way = tuple[str, tuple[str, str], tuple[str, str] | None]

WAYS: dict[str, Way] = {
    "patterns of names": (
        """
def freeze(net, patterns):
    for name, parameter in net.named_parameters():
        if any(name.startswith(each) for each in patterns):
            parameter.requires_grad_(False)

def build():
    net = nn.Linear(2, 2)
    freeze(net, {})
    return lambda: net(torch.ones(1, 2))
""",
        ("('bias',)", "('bias', 'weight')"),
        ("patterns", "freeze(net, ('bias',))"),
    ),
    "a function that one side alone calls": (
        """
def freeze(net):
    for each in net.parameters():
        each.requires_grad = False

def made(frozen):
    net = nn.Linear(2, 2)
    if frozen:
        freeze(net)
    return net

def build():
    net = made(frozen={})
    return lambda: net(torch.ones(1, 2))
""",
        ("False", "True"),
        ("frozen", "made(frozen=False)"),
    ),
    "an argument of a context manager": (
        """
class Net(nn.Module):
    def __init__(self, tune=True):
        super().__init__()
        self.body, self.tune = nn.Linear(2, 2), tune
    def forward(self, x):
        with torch.set_grad_enabled(self.tune):
            return self.body(x)

def build():
    net = Net({})
    return lambda: net(torch.ones(1, 2))
""",
        ("", "tune=False"),
        ("tune", "net = Net()"),
    ),
    "what is cut off in the step": (
        """
def features(body, x, stop):
    found = body(x)
    return found.detach() if stop else found

def build(stop={}):
    body, cut = nn.Linear(2, 2), stop
    return lambda: features(body, torch.ones(1, 2), cut)
""",
        ("False", "True"),
        ("cut", "body, cut = nn.Linear(2, 2), stop"),
    ),
    "nothing": (
        """
def build():
    net, rate = nn.Linear(2, 2).requires_grad_(False), {}
    return lambda: net(torch.ones(1, 2))
""",
        ("0.1", "0.2"),
        None,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_decides_that_gradients_are_recorded(way: str, tmp_path: Path) -> None:
    text, values, expected = WAYS[way]
    a, b = filled(HEAD + text, values)
    found = gradients(tmp_path, a, b)
    assert place_of(found) == expected_place(tmp_path, expected)
