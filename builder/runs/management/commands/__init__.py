"""`manage.py run`."""
