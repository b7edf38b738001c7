"""Built models and their time integration."""
