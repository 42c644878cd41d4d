"""Runs the sides and puts a result together. Spawns the agent, never imports its workings."""
