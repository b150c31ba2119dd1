"""Tests of builder.safety."""
