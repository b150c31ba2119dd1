"""The desk: who looks at what gates keep back, and decides about it."""
