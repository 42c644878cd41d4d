"""What a source file says: targets, scopes, where a value comes from. Never runs the file."""
