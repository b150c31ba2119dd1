"""Commands about the gallery."""
