"""The starter picture model: how it was made, from nothing, by this project."""
