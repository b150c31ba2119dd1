"""Graphs: the drawing as data, and what is wrong with one."""
