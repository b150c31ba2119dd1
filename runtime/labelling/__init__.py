"""Labelling: marks what a model made before it leaves, in words that a person sees and in data that a program reads."""
