"""Figures that only grow: how often something has happened, for whoever watches an installation. No names, no texts."""
