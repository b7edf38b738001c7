"""Data frames, tables, data in configurations, filters, pages and JSON values."""
