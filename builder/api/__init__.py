"""The API: HTTP and sockets over the verbs of the other apps."""
