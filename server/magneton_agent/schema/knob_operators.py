"""Which operators a knob can do anything for, by name; ``*`` stands for any end of one.

In inference mode torch does not take an operator apart before it is recorded, so the names that a
program calls are here too, beside those that they come to otherwise.
"""

PRODUCTS = (
    *("mm", "addmm", "_addmm_activation", "bmm", "baddbmm", "addbmm", "mv", "addmv"),
    *("linear*", "matmul*", "matrix_power", "linalg_matmul", "linalg_matrix_power"),
    *("linalg_multi_dot", "chain_matmul", "einsum", "tensordot", "inner", "bilinear", "_trilinear"),
    "conv_tbc*",  # a sum of products, whatever it is called
    *("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"),
    *("_native_multi_head_attention", "_transformer_encoder_layer_fwd"),
)
PLANAR_CONVOLUTIONS = (
    *("convolution*", "_convolution*", "mkldnn_convolution*", "cudnn_convolution*"),
    *("conv2d", "conv_transpose2d"),
)
"""Those that may be of images, whose tensors have four dimensions."""
CONVOLUTIONS = (
    *PLANAR_CONVOLUTIONS,
    *("conv1d", "conv_transpose1d", "conv3d", "conv_transpose3d"),
)
RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu", "_cudnn_rnn*", "mkldnn_rnn_layer*")
RECURRENT_PRODUCTS = ("gru", "rnn_tanh", "rnn_relu")
"""Recurrent layers that are computed by products on a CPU; an LSTM has an operator of its own."""
ATTENTION = ("_scaled_dot_product*", "scaled_dot_product_attention", "_safe_softmax")
