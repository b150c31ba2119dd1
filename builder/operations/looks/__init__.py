"""Looks: one file for each part of an installation that can be well or not. None of them changes anything."""
