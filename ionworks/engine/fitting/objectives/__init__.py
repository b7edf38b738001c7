"""What a fit compares: each objective puts one measurement beside one kind of model output."""
