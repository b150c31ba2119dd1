"""Documents: what kind a file is, and all the text that stands in it."""
