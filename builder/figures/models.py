"""Figure: a number that only grows, under a name that comes from a short list. It outlives what it has counted."""

from django.db import models


class Figure(models.Model):
    """`name` is what is counted and its labels, joined by |: types, states, actions. Never an id, a name or a text."""

    name = models.CharField(primary_key=True, max_length=200)
    value = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.name
