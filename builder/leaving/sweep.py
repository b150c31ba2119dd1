"""The sweep of what is kept too long."""


def sweep() -> None:
    """Nothing is due yet."""
