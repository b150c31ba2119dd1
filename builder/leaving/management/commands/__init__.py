"""`manage.py retention` and `manage.py erase`."""
