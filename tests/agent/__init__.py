"""Tests of the agent, with the torch of this environment."""
