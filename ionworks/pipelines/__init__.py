"""What the pipeline resources do in several requests: preparing, waiting, reading results."""
