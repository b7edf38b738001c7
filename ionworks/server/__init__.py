"""A server of the contract: HTTP, records, files and the job queue."""
