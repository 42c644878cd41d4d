"""One rewrite a file: each puts a finding's cause right in the user's source, or says that it
cannot."""
