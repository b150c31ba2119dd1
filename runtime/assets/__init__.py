"""Stored bytes, by content."""
