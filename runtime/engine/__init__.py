"""Runs the steps of a segment, with their gates, in one process."""
