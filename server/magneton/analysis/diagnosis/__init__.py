"""One rule a file: each explains why a region's two sides differ, or says that it cannot."""
