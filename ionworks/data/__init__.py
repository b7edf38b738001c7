"""Tables, frames, filters, pages and references."""
