"""Programs of several processes that work together: one agent a rank, all asked together."""
