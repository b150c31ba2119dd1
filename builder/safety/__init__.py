"""Which policy is in force, and which there have been."""
