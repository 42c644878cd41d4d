"""Pairs of programs with known answers, and how well a matcher finds them."""
