"""The gallery: look, use, share."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.models import Workspace
from builder.accounts.scope import find_writable
from builder.api.checked import checked
from builder.api.drafts import version_of
from builder.api.people import person, workflow_of
from builder.api.shapes.templates import (
    ShareSerializer,
    TemplateItemSerializer,
    TemplateListSerializer,
    TemplateSerializer,
    UseSerializer,
)
from builder.api.shapes.workflows import WorkflowSerializer
from builder.api.workflows import describe_workflow
from builder.common.errors import not_found
from builder.common.language import Language, language_of, say
from builder.gallery.draw_picture import draw_picture
from builder.gallery.models import Template
from builder.gallery.needs import Needs
from builder.gallery.share_template import share_template
from builder.gallery.use_template import use_template
from runtime.values import Json
from runtime.words import Words

MOST = 500


class TemplatesView(APIView):
    """All templates."""

    @extend_schema(operation_id="list_templates", responses=TemplateListSerializer)
    def get(self, request: Request) -> Response:
        """The gallery: the product's own templates first, then what people shared."""
        needs, language = Needs(), language_of(request._request)
        rows = Template.objects.all()[:MOST]
        return Response({"results": [_describe(template, needs, language) for template in rows]})


class TemplateView(APIView):
    """One template."""

    @extend_schema(operation_id="read_template", responses=TemplateSerializer)
    def get(self, request: Request, template: UUID) -> Response:
        """A template with its graph."""
        found = template_of(template)
        body = _describe(found, Needs(), language_of(request._request))
        return Response(body | {"graph": found.graph})


class TemplatePictureView(APIView):
    """What a template looks like."""

    @extend_schema(
        operation_id="read_template_picture", responses={(200, "image/svg+xml"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, template: UUID) -> HttpResponse:
        """Its graph, drawn small."""
        language = _short(language_of(request._request))
        svg = draw_picture(template_of(template).graph_in(language), language)
        return HttpResponse(
            svg,
            content_type="image/svg+xml",
            headers={
                # Opened on its own, a picture is still only a picture.
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, max-age=300",
                "Vary": "Accept-Language, Cookie",
            },
        )


class UseView(APIView):
    """Copies."""

    @extend_schema(operation_id="use_template", request=UseSerializer, responses={201: WorkflowSerializer})
    def post(self, request: Request, template: UUID) -> Response:
        """Copy the template into a workspace."""
        found = template_of(template)
        chosen = checked(UseSerializer, request)["workspace"]
        home = find_writable(Workspace.objects.all(), person(request), chosen)
        return Response(describe_workflow(use_template(found, home, person(request))), status=201)


class ShareView(APIView):
    """Sharing."""

    @extend_schema(
        operation_id="share_template", request=ShareSerializer, responses={201: TemplateItemSerializer}
    )
    def post(self, request: Request, workflow: UUID, number: int) -> Response:
        """Share a published version with everybody of this installation."""
        version = version_of(workflow_of(request, workflow, write=True), number)
        given = checked(ShareSerializer, request)
        empty = {"en": "", "zh": ""}
        template = share_template(
            version, person(request), given["title"], given.get("description", empty), given.get("tags", [])
        )
        return Response(_describe(template, Needs(), language_of(request._request)), status=201)


def template_of(template: UUID) -> Template:
    """The template. Raises Refused 404."""
    found = Template.objects.filter(pk=template).first()
    if found is None:
        raise not_found()
    return found


def _describe(template: Template, needs: Needs, language: Language) -> dict[str, Json]:
    return {
        "id": str(template.pk),
        "slug": template.slug,
        "title": template.title,
        "description": template.description,
        "tags": template.tags,
        "picture": _picture(template),
        "inputs": template.inputs,
        "needs": [
            need | {"title": say(Words.from_json(need["title"]), language)}
            for need in needs.of(template.graph)
        ],
    }


def _picture(template: Template) -> str:
    """The address of its picture: seeds have one of their own in the bundle, what people shared is drawn."""
    if template.seed:
        return f"{settings.STATIC_URL}templates/{template.slug}.svg"
    return f"/api/templates/{template.pk}/picture"


def _short(language: Language) -> str:
    return "zh" if language == "zh-hans" else "en"
