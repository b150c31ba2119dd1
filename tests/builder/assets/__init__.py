"""Tests of builder.assets."""
