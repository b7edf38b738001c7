"""The database and the result files."""
