"""The rules of the house: sizes, words, imports, forbidden calls."""
