"""Tests of builder.workflows."""
