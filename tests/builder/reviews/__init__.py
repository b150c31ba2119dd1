"""Tests of builder.reviews."""
