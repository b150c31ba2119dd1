"""The compiler's passes, one a file, in the order that compile.py gives them."""
