"""What workers and the database say to each other: states, claims, wake-ups."""
