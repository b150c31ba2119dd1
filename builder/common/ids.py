"""Makes ids that sort by the time they were made, and cannot be guessed."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    high = (milliseconds << 16) | (0x7 << 12) | secrets.randbits(12)
    low = (0b10 << 62) | secrets.randbits(62)
    return UUID(int=(high << 64) | low)
