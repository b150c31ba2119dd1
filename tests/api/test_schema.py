"""The schema: current where the browser app reads it, complete, and shown on a page that runs nothing foreign."""

import json
import re

from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver
from rest_framework.test import APIClient

from builder.common.version import VERSION
from tests.api.conftest import Member

SCHEMA = settings.BASE_DIR / "frontend" / "src" / "api" / "schema.json"


def test_the_schema_that_the_browser_app_reads_is_current(tmp_path) -> None:
    now = tmp_path / "schema.json"
    call_command("spectacular", format="openapi-json", file=str(now), fail_on_warn=True, validate=True)
    hint = "Write it anew: python3 manage.py schema"
    assert json.loads(SCHEMA.read_text()) == json.loads(now.read_text()), hint


def test_every_address_of_the_api_is_in_the_schema_except_the_event_stream() -> None:
    described = set(json.loads(SCHEMA.read_text())["paths"])
    api = next(p for p in get_resolver().url_patterns if str(p.pattern) == "api/")
    addresses = {"/api/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(p.pattern)) for p in api.url_patterns}
    assert addresses - described == {"/api/runs/{run}/stream"}


def test_every_operation_says_what_it_answers_and_how_errors_look() -> None:
    for path, operations in json.loads(SCHEMA.read_text())["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert "4XX" in operation["responses"], path
            assert any(status.startswith("2") for status in operation["responses"]), path


def test_the_schema_and_its_page_are_shown_to_people_who_are_signed_in(
    ada: Member, anonymous: APIClient
) -> None:
    assert ada.client.get("/api/schema/?format=json").json()["openapi"].startswith("3.1")
    page = ada.client.get("/api/docs/")
    text = page.content.decode()
    # Nothing stands in the page that its policy would not run, and nothing comes from elsewhere.
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text)
    sources = re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    assert sources
    assert all(address.startswith("/") for address in sources)
    assert anonymous.get("/api/schema/").status_code == 401


def test_the_version_is_the_one_of_the_project() -> None:
    project = (settings.BASE_DIR / "pyproject.toml").read_text()
    assert f'\nversion = "{VERSION}"\n' in project
