"""Tests of builder.catalog."""
