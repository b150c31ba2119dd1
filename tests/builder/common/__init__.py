"""Tests of builder.common."""
