"""What sets the settings that recordings name by what tells them, or, of what nothing tells, by
what sets them."""

from __future__ import annotations

# What a name that ends in "()" is set by; any other name is an attribute, and assigned to.
SETTERS: dict[str, str] = {
    "torch.get_float32_matmul_precision()": "torch.set_float32_matmul_precision",
    "torch.get_num_threads()": "torch.set_num_threads",
    "torch.get_num_interop_threads()": "torch.set_num_interop_threads",
    "torch.get_default_dtype()": "torch.set_default_dtype",
    "torch.set_default_device": "torch.set_default_device",
    "torch.set_flush_denormal": "torch.set_flush_denormal",
    "torch.is_anomaly_enabled()": "torch.autograd.set_detect_anomaly",
    "torch.is_warn_always_enabled()": "torch.set_warn_always",
    "torch._C._is_multithreading_enabled()": "torch.autograd.set_multithreading_enabled",
    "torch.distributions.Distribution.set_default_validate_args": (
        "torch.distributions.Distribution.set_default_validate_args"
    ),
    "torch.are_deterministic_algorithms_enabled()": "torch.use_deterministic_algorithms",
    "torch.backends.cuda.flash_sdp_enabled()": "torch.backends.cuda.enable_flash_sdp",
    "torch.backends.cuda.mem_efficient_sdp_enabled()": (
        "torch.backends.cuda.enable_mem_efficient_sdp"
    ),
    "torch.backends.cuda.math_sdp_enabled()": "torch.backends.cuda.enable_math_sdp",
    "torch.backends.cuda.cudnn_sdp_enabled()": "torch.backends.cuda.enable_cudnn_sdp",
    "torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed()": (
        "torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp"
    ),
    "torch.backends.mha.get_fastpath_enabled()": "torch.backends.mha.set_fastpath_enabled",
}
