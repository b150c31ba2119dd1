"""Workflows: drafts with their revisions, and immutable published versions."""
