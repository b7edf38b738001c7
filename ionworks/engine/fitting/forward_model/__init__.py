"""The model of a fit: built once, then solved for many candidates under a measured current."""
