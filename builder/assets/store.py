"""The store of asset bytes, as the web process opens it."""

from django.conf import settings
from django.utils.module_loading import import_string

from runtime.assets.disk import DiskStore
from runtime.assets.store import Store

ON_DISK = "runtime.assets.disk:open_store"


def open_store() -> Store:
    """What `SLUICEWAY_ASSET_STORE` names; on the disk, in the home of these settings."""
    if is_on_disk():
        return DiskStore(settings.HOME / "assets")
    opened: Store = import_string(settings.SLUICEWAY_ASSET_STORE.replace(":", "."))()
    return opened


def is_on_disk() -> bool:
    return bool(settings.SLUICEWAY_ASSET_STORE == ON_DISK)
