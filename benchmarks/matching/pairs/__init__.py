"""All pairs of the suite, family by family."""

from . import transformer

PAIRS = [*transformer.PAIRS]
