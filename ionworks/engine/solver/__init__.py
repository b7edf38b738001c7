"""Built models and their integration in time."""
