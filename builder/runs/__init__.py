"""Runs: submitted, claimed, recorded, told."""
