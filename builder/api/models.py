"""Models: what there is, installing, stopping."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.api.people import require_administrator
from builder.api.shapes.models import ModelListSerializer, ModelSerializer
from builder.catalog.install_model import cancel_install, install_model
from builder.catalog.list_models import list_models
from builder.common.errors import not_found
from builder.safety.append_audit import append_audit


class ModelsView(APIView):
    """The catalogue."""

    @extend_schema(operation_id="list_models", responses=ModelListSerializer)
    def get(self, request: Request) -> Response:
        """Every model: capability, licence, size, sources, and whether it is here."""
        return Response({"results": list_models()})


class InstallView(APIView):
    """Installing, for administrators."""

    @extend_schema(operation_id="install_model", request=None, responses={202: ModelSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Start installing; the list tells how far it is. Asking twice starts one installation."""
        user = require_administrator(request)
        if install_model(name, user) is not None:
            append_audit("model.installed", by=user, subject=name)
        return _model(name)


class CancelInstallView(APIView):
    """Stopping an installation, for administrators."""

    @extend_schema(operation_id="cancel_install", request=None, responses={202: ModelSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Stop installing; what has arrived is kept for the next time."""
        require_administrator(request)
        cancel_install(name)
        return _model(name)


def _model(name: str) -> Response:
    found = next((model for model in list_models() if model["name"] == name), None)
    if found is None:
        raise not_found()
    return Response(found, status=202)
