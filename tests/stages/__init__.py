"""Everything that `manage.py test` runs, stage by stage."""
