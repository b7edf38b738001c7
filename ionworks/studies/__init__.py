"""What the study resource does in several requests: its runs and measurements side by side."""
