"""What the resources return: immutable records made from the generated models."""
