"""The addresses of the websockets."""

from django.urls import path

from builder.runs.consumer import RunConsumer

websocket_urlpatterns = [path("ws/runs/<uuid:run>", RunConsumer.as_asgi())]
