"""Reading text into the nodes of a protocol."""
