"""One file a language feature."""
