"""What sets the settings that recordings name by what tells them."""

from __future__ import annotations

# What a name that ends in "()" is set by; any other name is an attribute, and assigned to.
SETTERS: dict[str, str] = {
    "torch.get_float32_matmul_precision()": "torch.set_float32_matmul_precision",
    "torch.get_num_threads()": "torch.set_num_threads",
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
