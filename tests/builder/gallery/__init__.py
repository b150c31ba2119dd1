"""Tests of builder.gallery."""
