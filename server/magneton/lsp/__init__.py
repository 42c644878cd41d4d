"""The language server. Never imports torch, never blocks."""
