"""Rules of the contract, grouped by the part of the document they check."""
