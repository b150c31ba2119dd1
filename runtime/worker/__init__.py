"""The worker: an agent that claims segments, and the child process that runs them."""
