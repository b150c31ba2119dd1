"""Node types: how a kind of node is described, registered and run."""
