"""Broker: where wake-ups go."""

from django.conf import settings


def broker() -> str:
    """The address of what carries them: the message service, unless another is named."""
    return str(settings.SLUICEWAY_BROKER_URL or settings.SLUICEWAY_REDIS_URL)
