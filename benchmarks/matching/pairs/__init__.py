"""All pairs of the suite, family by family."""

from . import convolution, decoding, experts, orderings, perceptron, shards, transformer, vit

_FAMILIES = (transformer, vit, convolution, perceptron, orderings, experts, decoding, shards)
PAIRS = [pair for family in _FAMILIES for pair in family.PAIRS]
