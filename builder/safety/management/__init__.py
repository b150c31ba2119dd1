"""Commands of the safety app."""
