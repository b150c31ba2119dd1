"""Benchmarks: `python3 manage.py bench NAME`. A module here measures one thing and names its bars beside the code."""
