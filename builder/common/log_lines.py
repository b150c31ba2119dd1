"""Log lines of the web process: of a request its route and status, and the run that its address names."""

import logging

from runtime import logs


class JsonLines(logs.JsonLines):
    """An address is told as its pattern: it may hold a one-time link, and whatever a stranger types."""

    def told(self, record: logging.LogRecord) -> dict[str, object]:
        body = super().told(record)
        request = getattr(record, "request", None)
        if request is None:
            return body
        match = getattr(request, "resolver_match", None)
        body["route"] = str(match.route) if match else None
        body["status"] = getattr(record, "status_code", None)
        if match and "run" in match.kwargs:
            body["run"] = str(match.kwargs["run"])
        body["message"] = record.getMessage().replace(request.path, "…")
        return body
