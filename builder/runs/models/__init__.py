"""Runs as rows: what is executed (run), what is told of it (told), what waits for people (review), and who works (worker)."""

from builder.runs.models.review import Purpose, Review, ReviewState
from builder.runs.models.run import NOBODY, CachedStep, KeptPlan, Run, Segment, Served, Step
from builder.runs.models.told import Answer, ContentUse, Event, Finding, Output
from builder.runs.models.worker import Worker

__all__ = [
    "NOBODY",
    "Answer",
    "CachedStep",
    "ContentUse",
    "Event",
    "Finding",
    "KeptPlan",
    "Output",
    "Purpose",
    "Review",
    "ReviewState",
    "Run",
    "Segment",
    "Served",
    "Step",
    "Worker",
]
