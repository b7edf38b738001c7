"""Text to nodes."""
