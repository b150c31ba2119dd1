"""The addresses of the websockets."""

from django.urls import URLPattern, path

from builder.runs.consumer import RunConsumer

websocket_urlpatterns: list[URLPattern] = [path("ws/runs/<uuid:run>", RunConsumer.as_asgi())]
