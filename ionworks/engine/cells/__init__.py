"""Cell models, their parameters and initial states."""
