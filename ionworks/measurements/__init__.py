"""What the measurement resource does in several requests: uploading, processing, reading back."""
