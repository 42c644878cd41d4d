"""All pairs of the suite, family by family."""

from . import decoding, experts, orderings, perceptron, shards, transformer, vision

_FAMILIES = (transformer, vision, perceptron, orderings, experts, decoding, shards)
PAIRS = [pair for family in _FAMILIES for pair in family.PAIRS]
