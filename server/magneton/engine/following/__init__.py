"""Follows a value that differs between two programs back to where a developer can change it."""
