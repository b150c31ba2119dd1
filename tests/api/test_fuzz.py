"""Anything at all at any address: an answer with a code and a sentence, never a 500."""

import os
from dataclasses import dataclass

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from builder.gallery.load_seeds import load_seeds
from builder.gallery.models import Template
from builder.wsgi import application
from runtime.values import Json
from tests.api.conftest import Member
from tests.api.pictures import png

# Requests per operation; a long search asks for more.
EXAMPLES = int(os.environ.get("SLUICEWAY_FUZZ_EXAMPLES", "15"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TOKEN = "a" * 32

schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
schema.app = application


@dataclass(frozen=True, slots=True)
class Target:
    """A person with one of everything, so that what is made up meets what is there."""

    member: Member
    ids: dict[str, str | int]

    def cookies(self) -> dict[str, str]:
        """A fresh sign-in: some operations sign out."""
        client = Client()
        client.force_login(self.member.user)
        return {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}

    def ask(self, case: schemathesis.Case) -> None:
        """Send the request, and check what comes back."""
        cookies = self.cookies()
        # As Django's own test client does: the transaction that the test will roll back needs its connection.
        for moment in (request_started, request_finished):
            moment.disconnect(close_old_connections)
        try:
            case.call_and_validate(cookies=cookies, headers={"X-CSRFToken": TOKEN}, checks=CHECKS)
        finally:
            for moment in (request_started, request_finished):
                moment.connect(close_old_connections)


@pytest.fixture
def target(ada: Member) -> Target:
    load_seeds()
    template = Template.objects.get(slug="chat-with-a-gate")
    workflow = ada.workflow(graph=template.graph)
    address = f"/api/workflows/{workflow.pk}"
    ada.client.post(f"{address}/versions", {})
    run = ada.client.post(f"{address}/runs", {"inputs": {"question": "Why?"}})
    asset = ada.client.post(f"/api/workspaces/{ada.workspace.pk}/assets", {"file": png()}, format="multipart")
    assert (run.status_code, asset.status_code) == (201, 201)
    return Target(
        ada,
        {
            "workspace": str(ada.workspace.pk),
            "workflow": str(workflow.pk),
            "template": str(template.pk),
            "asset": asset.json()["id"],
            "run": run.json()["id"],
            "number": 1,
            "name": "smollm2",
        },
    )


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_every_operation_answers_what_the_schema_says(case: schemathesis.Case, target: Target) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = target.ids[name]
    target.ask(case)


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_operation_answers_ids_that_nothing_has(case: schemathesis.Case, target: Target) -> None:
    target.ask(case)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
