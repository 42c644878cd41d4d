"""Kernel names as torch's profiler gives them, and as they are shown."""

from __future__ import annotations

import pytest

from magneton.analysis.kernel_names import LONGEST, short_name

LAMBDA = "{lambda()#1}::operator()() const::{lambda()#3}::operator()() const::{lambda(c10::Half)#1}"
GELU = f"at::native::GeluCUDAKernelImpl(at::TensorIteratorBase&, at::native::GeluType)::{LAMBDA}"
COPY = f"at::native::direct_copy_kernel_cuda(at::TensorIteratorBase&)::{LAMBDA}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<float>, "
            "std::array<char*, 3ul> >(int, at::native::CUDAFunctor_add<float>, "
            "std::array<char*, 3ul>)",
            "vectorized_elementwise_kernel<CUDAFunctor_add>",
        ),
        (
            f"void at::native::vectorized_elementwise_kernel<4, {GELU}, std::array<char*, 2ul> >"
            f"(int, {GELU}, std::array<char*, 2ul>)",
            "vectorized_elementwise_kernel<GeluCUDAKernelImpl>",
        ),
        (
            "void at::native::elementwise_kernel<128, 4, at::native::gpu_kernel_impl_nocast"
            f"<{COPY}>(at::TensorIteratorBase&, {COPY} const&)::{{lambda(int)#1}}>(int)",
            "elementwise_kernel<direct_copy_kernel_cuda>",
        ),
        (
            "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::"
            "func_wrapper_t<float, at::native::sum_functor<float, float, float>::operator()"
            "(at::TensorIterator&)::{lambda(float, float)#1}>, unsigned int, float, 4, 4> >"
            "(at::native::ReduceOp<float>)",
            "reduce_kernel<sum_functor>",
        ),
        (
            "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<float, float, "
            "false>(int, float, float const*, float const*)",
            "vectorized_layer_norm_kernel<float>",
        ),
        (
            "void cutlass::Kernel2<cutlass_80_tensorop_s1688gemm_128x128_16x5_nn_align4>"
            "(cutlass_80_tensorop_s1688gemm_128x128_16x5_nn_align4::Params)",
            "Kernel2<cutlass_80_tensorop_s1688gemm_128x128_16x5_nn_align4>",
        ),
        (
            "void pytorch_flash::flash_fwd_kernel<pytorch_flash::Flash_fwd_kernel_traits<64, 128, "
            "cutlass::half_t>, false, true>(pytorch_flash::Flash_fwd_params)",
            "flash_fwd_kernel<Flash_fwd_kernel_traits>",
        ),
        (
            "fmha_cutlassF_f32_aligned_64x64_rf_sm80(PyTorchMemEffAttention::AttentionKernel"
            "<float, cutlass::arch::Sm80, true>::Params)",
            "fmha_cutlassF_f32_aligned_64x64_rf_sm80",
        ),
        ("void splitKreduce_kernel<32, 16>(int)", "splitKreduce_kernel"),
        (
            "void at::native::unrolled_elementwise_kernel<at::native::(anonymous namespace)::"
            "{lambda(float)#1}, 4>(int)",
            "unrolled_elementwise_kernel<lambda>",
        ),
        ("nvjet_hsh_128x256_64x4_2x1_v_bz_coopA_TNT", "nvjet_hsh_128x256_64x4_2x1_v_bz_coopA_TNT"),
        ("triton_poi_fused_add_0", "triton_poi_fused_add_0"),
        ("Memcpy DtoD (Device -> Device)", "Memcpy DtoD (Device -> Device)"),
        ("Memset (Device)", "Memset (Device)"),
        ("", ""),
    ],
)
def test_a_name_is_cut_to_what_tells(name: str, shown: str) -> None:
    assert short_name(name) == shown


def test_a_long_name_keeps_its_beginning() -> None:
    shown = short_name("sm90_xmma_gemm_" + "f32" * 40)
    assert len(shown) == LONGEST
    assert (shown[:15], shown[-1]) == ("sm90_xmma_gemm_", "…")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<<<", "<<<"),
        (">>", ">>"),
        ("a<b", "a<b>"),
        ("(", "("),
        ("::", "::"),
        ("void ", "void "),
        ("f<>(x)", "f"),
        ("a::<b>", "<b>"),
    ],
)
def test_what_is_no_name_is_shown_nevertheless(name: str, shown: str) -> None:
    assert short_name(name) == shown
