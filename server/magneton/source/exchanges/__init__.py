"""What one program's source has otherwise than another's, and its text with one such exchanged."""
