"""Models: what the product offers, what is installed, what is in memory."""
