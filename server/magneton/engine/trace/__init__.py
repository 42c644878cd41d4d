"""One side kept in a file (docs/trace.md): taking it, writing and reading it, standing in for a
running program."""
