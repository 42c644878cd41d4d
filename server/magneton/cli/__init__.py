"""The command line: a twin of the editor over the same engine."""
