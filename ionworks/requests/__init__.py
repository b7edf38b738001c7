"""What users hand in, checked and written as request bodies of the contract."""
