"""Anything at all at any address: an answer with a code and a sentence, never a 500."""

import os
from dataclasses import dataclass

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from builder.wsgi import application
from tests.api.conftest import Member
from tests.api.everything import Everything

# Requests per operation; a long search asks for more.
EXAMPLES = int(os.environ.get("SLUICEWAY_FUZZ_EXAMPLES", "10"))
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
def target(everything: Everything) -> Target:
    return Target(everything.member, everything.ids)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_operation_answers_what_the_schema_says(case: schemathesis.Case, target: Target) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = target.ids[name]
    target.ask(case)
