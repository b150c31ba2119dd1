"""Everything that needs Django: documents, people, HTTP, sockets, console."""
