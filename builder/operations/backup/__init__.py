"""Backup and restore: everything that an installation knows, taken while it runs, and put back elsewhere."""
