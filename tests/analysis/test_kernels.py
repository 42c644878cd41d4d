"""Kernels, summed by their names."""

from __future__ import annotations

from magneton.analysis.kernels import differ, kernel_rows, launched_text
from magneton_agent.schema.recording import Kernel
from magneton_agent.schema.result import KernelRow
from tests.analysis.steps import operator

ADD = "void at::native::add_kernel<4, float>(int)"


def test_one_row_a_name_longest_first() -> None:
    step = [
        operator("add", kernels=(Kernel(ADD, 1e-6),)),
        operator("view"),
        operator("addmm", kernels=(Kernel("gemm", 6e-6), Kernel(ADD, 1e-6))),
    ]
    rows = kernel_rows(step)
    assert rows == (KernelRow("gemm", 1, 0.75), KernelRow("add_kernel<float>", 2, 0.25))
    assert launched_text(rows) == "gemm (75 %), add_kernel<float> ×2 (25 %)"


def test_many_kernels_are_counted() -> None:
    rows = [KernelRow(f"k{number}", 1, 0.1) for number in range(6)]
    assert launched_text(rows) == "k0 (10 %), k1 (10 %), k2 (10 %), k3 (10 %), 2 more"


def test_nothing_launched() -> None:
    assert kernel_rows([operator("add")]) == ()
    assert launched_text(()) == "no kernel"
    assert kernel_rows([operator(kernels=(Kernel("k", 0.0),))]) == (KernelRow("k", 1, 0.0),)


def test_what_differs_are_names_and_counts_not_shares() -> None:
    gemm = KernelRow("gemm", 2, 0.9)
    assert not differ([gemm], [KernelRow("gemm", 2, 0.8)])
    assert differ([gemm], [KernelRow("gemm", 3, 0.9)])
    assert differ([gemm], [])
