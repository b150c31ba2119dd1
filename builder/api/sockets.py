"""The addresses of the websockets."""

from django.urls import path

from builder.runs.consumer import RunConsumer, RunsConsumer

websocket_urlpatterns = [
    path("ws/runs/<uuid:run>", RunConsumer.as_asgi()),
    path("ws/runs", RunsConsumer.as_asgi()),
]
