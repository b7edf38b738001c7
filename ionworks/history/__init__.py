"""The history: what this user submitted from this machine, kept in a file of the user."""
