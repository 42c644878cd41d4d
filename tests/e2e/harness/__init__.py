"""Drives VS Code (code-server and Chromium) from Python. Imports nothing of the product."""
