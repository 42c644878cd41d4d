"""The agent: one worker per side, run inside the user's interpreter.

Imports only the standard library, the user's torch, and pynvml where there is an NVIDIA driver.
Programs may import :func:`opaque`, which marks their own kernels, and :func:`phase`, which names
parts of a step.
"""

from .named_phases import phase
from .opaque_calls import opaque

__all__ = ["opaque", "phase"]
