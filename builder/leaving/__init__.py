"""Leaving: how data goes: deleted for good, piece by piece and with a receipt, or handed to whom it belongs."""
