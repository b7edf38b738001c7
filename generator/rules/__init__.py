"""Rules of the contract, by what they look at."""
