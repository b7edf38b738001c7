"""What the simulation resource does in more than one request: submit, wait, list, read results."""
