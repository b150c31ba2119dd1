"""Every setting of Sluiceway. Each has a default for one machine; `SLUICEWAY_*` variables change it.

| variable | means | default |
| --- | --- | --- |
| SLUICEWAY_HOME | the folder of all data: database, assets, models, secrets, logs | `var` |
| SLUICEWAY_DATABASE_URL | `postgres://user:password@host:port/name` | SQLite in the home |
| SLUICEWAY_REDIS_URL | a Valkey or Redis that is already there | one that `up` starts, on a unix socket |
| SLUICEWAY_BROKER_URL | a RabbitMQ (`amqp://…`), or another Valkey, that carries the wake-ups instead | that Valkey |
| SLUICEWAY_SECRET_KEY | signs cookies and links | made once, kept in the home |
| SLUICEWAY_HOSTS | names that this site answers to, comma separated | loopback only |
| SLUICEWAY_HTTPS | 1 when a proxy before us speaks HTTPS: secure cookies, HSTS | 0 |
| SLUICEWAY_DEBUG | 1 shows tracebacks in the browser; never beyond your own machine | 0 |
| SLUICEWAY_ASSET_STORE | `runtime.assets.s3:open_store` keeps files in a bucket (`runtime/assets/s3.py`) | files in the home |
| SLUICEWAY_SPACE_NEEDED_MB | free disk space without which `up` does not start | 300 |
| SLUICEWAY_VENV | the virtual environment that the commands use | `.venv` |
| SLUICEWAY_MODELS | the folder of installed models | `models` in the home |
| SLUICEWAY_MODEL_MEMORY_MB | what a worker's resident models may weigh | half of the machine's memory |
| SLUICEWAY_REVIEW_HOURS | how long a held value waits for reviewers before it is withheld | 72 |
| SLUICEWAY_REVIEWERS | how many reviewers must decide about one held value | 1 |
| SLUICEWAY_AUTHOR_REVIEWS | 1 lets the only administrator decide about runs of their own | 0 |
| SLUICEWAY_APPEAL_DAYS | how long withheld material is kept for an appeal; 0 keeps none | 7 |
| SLUICEWAY_CACHE_MB | how large the results may be that are used again; 0 makes everything anew | 2000 |
| SLUICEWAY_LOG_FORMAT | `json` for one JSON object a line in logs | `line` |
| SLUICEWAY_METRICS_TOKEN | who brings it (`Authorization: Bearer …`) may read /metrics, and nobody else | loopback may |
| SLUICEWAY_TRACES | 1 sends runs as traces to a collector nearby; OTEL_EXPORTER_OTLP_ENDPOINT names another | 0 |
| SLUICEWAY_BACKUP_PASSPHRASE | under which `backup --secrets` seals, and `restore` opens | asked for |
| SLUICEWAY_IS_WORKER | 1 leaves out what serves people; `up` says it to its workers | 0 |
| SLUICEWAY_LIMITED | 1 for a worker that connects with the role of `manage.py worker_role` | 0 |
| SLUICEWAY_MOST_WAITING | how many runs of one person may wait for a worker, and ten times as many of a workspace; 0 for any number | 1000 |
| SLUICEWAY_WORKERS | workers that `up` starts | one for each GPU, else one |
| SLUICEWAY_THREADS | threads that a model may use on the processor | half of the cores |
| SLUICEWAY_AT_ONCE | segments that a worker has in hand at once where one call of a model can serve them; 1 for none | 8 with a GPU, else 4 |
| SLUICEWAY_BATCH_WINDOW_MS | how long such a call waits for one that is on its way | 250 |
| SLUICEWAY_PRECISION | in which picture models work: `fp32`, `bf16`, `fp16`, `int8`, `int4`, `auto` | half on a GPU, else full |
| SLUICEWAY_COMPILE | 1 compiles picture models, where there is a C++ compiler: minutes for each size, once | 0 |

What only a worker reads stands in `runtime/worker/environment.py`.
"""

import logging
from pathlib import Path
from typing import Any

from builder.bootstrap import environ, places
from runtime import logs

BASE_DIR = places.ROOT
HOME: Path = places.home()

# --- what joins builder and runtime: dotted paths, handed to the worker by environment -----------------------

SLUICEWAY_RUN_STORE = environ.text("SLUICEWAY_RUN_STORE", "builder.runs.store:open_store")
SLUICEWAY_ASSET_STORE = environ.text("SLUICEWAY_ASSET_STORE", "runtime.assets.disk:open_store")
SLUICEWAY_REDIS_URL = environ.text("SLUICEWAY_REDIS_URL", places.redis_url(HOME))
SLUICEWAY_BROKER_URL = environ.text("SLUICEWAY_BROKER_URL")

# A worker whose database role can do what runs need alone: everything else is left to `manage.py keep`.
LIMITED = environ.flag("SLUICEWAY_LIMITED")

# What the sweep does beside looking after runs.
SWEEPS = [] if LIMITED else ["builder.leaving.sweep.sweep", "builder.operations.traces.sweep"]

# --- people who decide about what gates hold -------------------------------------------------------------------

REVIEW_HOURS = environ.number("SLUICEWAY_REVIEW_HOURS", 72)
REVIEWERS = max(1, environ.number("SLUICEWAY_REVIEWERS", 1))
AUTHOR_REVIEWS = environ.flag("SLUICEWAY_AUTHOR_REVIEWS")
APPEAL_DAYS = environ.number("SLUICEWAY_APPEAL_DAYS", 7)

# --- how much may wait -----------------------------------------------------------------------------------------

MOST_WAITING = environ.number("SLUICEWAY_MOST_WAITING", 1000)

# --- results that need not be made again -----------------------------------------------------------------------

CACHE_MB = environ.number("SLUICEWAY_CACHE_MB", 2000)

# --- who may talk to us --------------------------------------------------------------------------------------

SECRET_KEY = environ.text("SLUICEWAY_SECRET_KEY") or places.secret(HOME, "secret_key")
DEBUG = environ.flag("SLUICEWAY_DEBUG")
HTTPS = environ.flag("SLUICEWAY_HTTPS")
# Also what stops a foreign page whose name resolves to 127.0.0.1 (DNS rebinding).
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *environ.words("SLUICEWAY_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in environ.words("SLUICEWAY_HOSTS")] if HTTPS else []

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "builder.accounts.sessions"
AUTHENTICATION_BACKENDS = ["builder.accounts.backend.Accounts"]
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "builder.common.handlers.csrf_failure"

# Scripts come from our own files only. Styles may stand in the page: Mantine and React Flow write them there.
CONTENT_SECURITY_POLICY: dict[str, str] = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# The console's theme evaluates expressions that stand in its own templates (Alpine), so its pages,
# and only they, may do that.
CONSOLE_PATH = "/console/"
CONSOLE_SECURITY_POLICY: dict[str, str] = CONTENT_SECURITY_POLICY | {
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
}

# --- who may read figures (builder/operations/metrics.py) ------------------------------------------------------

METRICS_TOKEN = environ.text("SLUICEWAY_METRICS_TOKEN")

# --- parts ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "builder.console",  # before unfold, some of whose templates it replaces
    "unfold",  # before the admin, whose templates it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "builder.common",
    "builder.accounts",
    "builder.assets",
    "builder.catalog",
    "builder.safety",
    "builder.figures",
    "builder.keeping",
    "builder.workflows",
    "builder.gallery",
    "builder.runs",
    "builder.reviews",
    "builder.leaving",
    "builder.operations",
    "builder.api",
]

# A worker keeps rows and answers nobody: what serves people would be 40 MB of it. The admin's history has rows, too,
# which a deletion that workers take up goes through.
FOR_PEOPLE = frozenset(
    {
        "builder.console",
        "unfold",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "rest_framework",
        "drf_spectacular",
        "drf_spectacular_sidecar",
        "builder.api",
    }
)
if environ.flag("SLUICEWAY_IS_WORKER"):
    INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in FOR_PEOPLE]

MIDDLEWARE = [
    "builder.operations.requests.count_requests",
    "django.middleware.security.SecurityMiddleware",
    "builder.common.headers.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "builder.urls"
ASGI_APPLICATION = "builder.asgi.application"
WSGI_APPLICATION = "builder.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- data ----------------------------------------------------------------------------------------------------

DATABASES = {"default": environ.database(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Django tries whether SQLite knows JSON, and takes a full disk for a no. It has known JSON by itself since 3.38.
SILENCED_SYSTEM_CHECKS = ["fields.E180"]

# Pub/sub, not the core layer: with 50 clients far slower, and it keeps queues that nobody reads.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [SLUICEWAY_REDIS_URL], "prefix": "sluiceway"},
    }
}

# A graph may be 2 MB; the envelope around it gets a little more. Uploads have their own limit, in assets.
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- static files: the browser bundle and the console's own ----------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [places.BUNDLE] if places.BUNDLE.is_dir() else []
# Straight from where they were installed: no collectstatic, nothing to go stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# Vite puts a hash into the name of everything under assets/.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"

# --- language and time -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "builder" / "locale"]
FORMAT_MODULE_PATH = "builder.console.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# --- API -------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    # Deny by default: a view that forgets to say who may use it answers nobody who is not signed in.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["builder.common.authentication.Session"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["builder.common.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "builder.common.negotiation.AlwaysJson",
    "EXCEPTION_HANDLER": "builder.common.handlers.api_error",
    "DEFAULT_SCHEMA_CLASS": "builder.api.schema.Schema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Sluiceway",
    "DESCRIPTION": "Draw AI workflows, run them behind gates.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # what a change needs is needed
    "SERVERS": [{"url": "/"}],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "sessionid"}}
    },
    "ENUM_NAME_OVERRIDES": {
        "PortType": "builder.api.shapes.base.PORT_TYPES",
        "GateAction": "builder.api.shapes.base.ACTIONS",
        "Source": "builder.api.shapes.plan.SOURCES",
        "Sink": "builder.api.shapes.plan.SINKS",
        "TriedSink": "builder.api.shapes.safety.TRIED_SINKS",
        "RunState": "builder.api.shapes.runs.RUN_STATES",
        "StepState": "builder.api.shapes.runs.STEP_STATES",
        "ModelState": "builder.api.shapes.models.MODEL_STATES",
        "ReviewState": "builder.api.shapes.reviews.REVIEW_STATES",
        "ReviewPurpose": "builder.api.shapes.reviews.PURPOSES",
        "AppealState": "builder.api.shapes.reviews.APPEAL_STATES",
        "ErasedKind": "builder.api.shapes.keeping.ERASED",
        "KeptKind": "builder.api.shapes.keeping.KEPT",
        "Decision": "builder.api.shapes.reviews.DECISIONS",
        "Said": "builder.api.shapes.runs.SAID",
        "GivenAnswer": "builder.api.shapes.questions.ANSWERS",
        "MediaKind": "builder.api.shapes.policies.KINDS",
        "LanguageEnum": "builder.common.language.LANGUAGES",
        "LabelLanguage": "builder.api.shapes.policies.LABEL_LANGUAGES",
    },
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Sluiceway",
    "SITE_HEADER": "Sluiceway",
    "SITE_URL": "/",
    "SITE_ICON": {
        "light": lambda request: f"{STATIC_URL}console/mark-light.svg",
        "dark": lambda request: f"{STATIC_URL}console/mark-dark.svg",
    },
    "SCRIPTS": [lambda request: f"{STATIC_URL}console/theme.js"],
    "BORDER_RADIUS": "8px",
    "SIDEBAR": {"show_search": True, "navigation": "builder.console.site.sidebar"},
    # The accent and the greys of the editor (docs/look.md), so that nobody changes worlds.
    "COLORS": {
        "primary": {
            "50": "#f0faf9", "100": "#e0f2f0", "200": "#b9e2de", "300": "#84cbc5", "400": "#35b8ae",
            "500": "#159a92", "600": "#0b7a75", "700": "#0a6561", "800": "#0b504d", "900": "#0b423f",
            "950": "#052827",
        },
        "base": {
            "50": "#f6f7f8", "100": "#eef1f3", "200": "#e3e7ea", "300": "#c4cdd4", "400": "#9aa5af",
            "500": "#66737f", "600": "#4a5661", "700": "#3a4750", "800": "#273038", "900": "#161c21",
            "950": "#101519",
        },
    },
}  # fmt: skip

# --- what we write down ------------------------------------------------------------------------------------------

LOG_FORMAT = environ.choice(logs.VARIABLE, logs.FORMATS)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": logs.LINE},
        "json": {"()": "builder.common.log_lines.JsonLines"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "nowhere": {"class": "logging.NullHandler"},  # with no handler at all, Python would write to stderr
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A wrong Host header is the asker's fault: answered with 400, not worth a traceback.
    "loggers": {"django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False}},
}
if LOG_FORMAT == "json":  # what the server itself says, too, and what libraries warn of
    logging.captureWarnings(True)
    LOGGING["loggers"] |= {
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        # Else naming its parent would wake it again: its lines have addresses, and so one-time links.
        "uvicorn.access": {"handlers": ["nowhere"], "propagate": False},
    }

# --- what is read elsewhere ------------------------------------------------------------------------------------

# What it cannot mean is said by every command, and not by the first worker that falls over it.
for _name in ("SLUICEWAY_LEASE_SECONDS", "SLUICEWAY_DRAIN_SECONDS", "SLUICEWAY_FILTER_SECONDS"):
    environ.seconds(_name)
for _name in ("SLUICEWAY_SPACE_NEEDED_MB", "SLUICEWAY_WORKERS"):
    environ.number(_name, 0)
environ.flag("SLUICEWAY_TRACES")
