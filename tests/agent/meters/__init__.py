"""Tests of what reads energy and CPU time."""
