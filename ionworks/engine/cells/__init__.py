"""Cell models, their parameters and their initial states."""
