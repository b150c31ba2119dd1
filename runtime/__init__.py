"""The runtime: graphs, plans, gates and workers. Importable in bare Python, without Django."""
