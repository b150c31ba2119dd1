"""Installs and starts Sluiceway. Standard library only: it runs before anything is installed."""
