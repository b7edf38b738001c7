"""One class for each group of operations; `ionworks.Ionworks` holds one of each."""
