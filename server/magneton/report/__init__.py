"""One report, one file: each turns a result into text for a reader."""
