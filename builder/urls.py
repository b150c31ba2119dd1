"""Which address leads where."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from builder.accounts.views import sign_in_by_link
from builder.common.bundle import index
from builder.console.site import make_console
from builder.operations.metrics import metrics
from builder.operations.readiness import healthz, readyz

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("sign-in/<str:token>", sign_in_by_link),
    path("api/", include("builder.api.urls")),
    path("console/", make_console().urls),
    # Every other page is drawn in the browser; unknown addresses of these trees stay 404.
    re_path(r"^(?!api/|ws/|console/|static/|sign-in/|healthz|readyz|metrics)", index),
]

handler400 = "builder.common.handlers.bad_request"
handler403 = "builder.common.handlers.permission_denied"
handler404 = "builder.common.handlers.page_not_found"
handler500 = "builder.common.handlers.server_error"
