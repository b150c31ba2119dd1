"""The starter picture model."""
