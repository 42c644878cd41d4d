"""Magneton: differential energy debugging for PyTorch. Command line, language server, engine."""

__version__ = "0.1.0"
