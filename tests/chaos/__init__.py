"""Chaos: a real installation under faults, and what must hold of it afterwards. `manage.py bench chaos` runs it.

What stands here is read by workers through the dotted paths that join them with an application (SLUICEWAY_RUN_STORE,
SLUICEWAY_ASSET_STORE, SLUICEWAY_PACKS): the product itself has no code that knows of it.
"""
