"""Tests of builder.accounts."""
