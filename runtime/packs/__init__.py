"""Packs: folders of node types, and of the filters that gates use."""
