"""Runs the cases of fixtures/cases through the command line: ``python -m tests.cases``."""
