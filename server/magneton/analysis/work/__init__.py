"""What operators have to do: floating-point operations, and bytes by level of memory."""
