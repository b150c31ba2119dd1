"""Keeping: how long a workspace's data stays, what nobody may delete, and who has read what."""
