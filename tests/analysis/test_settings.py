"""Settings that a kernel may consult."""

from __future__ import annotations

from magneton.analysis.settings import consulted


def test_what_only_autograd_consults_is_left_out() -> None:
    settings = {
        "torch.is_grad_enabled()": "False",
        "torch.is_inference_mode_enabled()": "True",
        "torch.get_num_threads()": "2",
    }
    assert consulted(settings) == {"torch.get_num_threads()": "2"}
