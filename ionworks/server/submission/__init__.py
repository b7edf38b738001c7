"""What a simulation or a pipeline asks for, resolved and checked."""
