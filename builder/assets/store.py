"""The store of asset bytes, as the web process opens it."""

from django.conf import settings

from runtime.assets.disk import DiskStore


def open_store() -> DiskStore:
    return DiskStore(settings.HOME / "assets")
