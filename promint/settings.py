"""The one settings file. What an operator may change comes from promint.environment."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from promint import environment

environment.names()
DATA_DIR = environment.data_dir()
SECRET_KEY = environment.secret_key(DATA_DIR)
DATABASES = {"default": environment.database(DATA_DIR)}
FILES_URL = environment.files_url(DATABASES["default"])
BASE_URL = environment.base_url()
EMAIL_URL = environment.email_url()
DEFAULT_FROM_EMAIL = environment.email_from()
ORGANISATION = environment.organisation()
TIME_ZONE = environment.time_zone()
POINT_VALUE = environment.point_value()
WEBHOOK_ALLOW = environment.webhook_allow()
CLAIM_URL = environment.claim_url()
APPROVE_ABOVE = environment.approve_above()
METRICS = environment.metrics()
LOG_FORMAT = environment.log_format()
OPENID = environment.openid()

DEBUG = False
# Requests are answered under any host name: nothing is built from the Host header (links in mails
# use BASE_URL), and reverse proxies differ.
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(BASE_URL).scheme}://{urlsplit(BASE_URL).netloc}"]
HTTPS = urlsplit(BASE_URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "promint.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds after which a session ends, used or not
SESSION_IDLE = environment.session_idle()
# Under https no other host of the same domain can set these cookies.
_ONLY_OURS = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_ONLY_OURS}sessionid"
CSRF_COOKIE_NAME = f"{_ONLY_OURS}csrftoken"
DEVICE_COOKIE_NAME = f"{_ONLY_OURS}device"
TYPED_COOKIE_NAME = f"{_ONLY_OURS}typed"
WAY_BACK_COOKIE_NAME = f"{_ONLY_OURS}way-back"
UNDER_WAY_COOKIE_NAME = f"{_ONLY_OURS}under-way"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

ROOT_URLCONF = "promint.urls"
APPEND_SLASH = False
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = False
USE_THOUSAND_SEPARATOR = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes, of a form without files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# If a process dies, files that were arriving are deleted with the other uploads.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_HANDLERS = [
    "promint.server.file_size.WithinUploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

INSTALLED_APPS = [
    "promint.core",
    "promint.accounts",
    "promint.dashboard",
    "promint.worker",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "promint.server.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "promint.server.methods.Methods",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "promint.api.edge.ApiEdge",
]

# The page of the API's description. Installed as an app, ninja would be imported by every command.
_ninja = find_spec("ninja")
assert _ninja is not None
assert _ninja.origin is not None
NINJA = Path(_ninja.origin).parent

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [NINJA / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "promint.dashboard.page.context.page_context",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [NINJA / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

AUTH_USER_MODEL = "accounts.Staff"
PASSWORD_HASHERS = ["promint.accounts.hashing.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600  # seconds
CSRF_FAILURE_VIEW = "promint.dashboard.page.errors.stale_form"

LOGGING_CONFIG = "promint.server.log_lines.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "promint.server.log_lines.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "promint.server.log_lines.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "line",
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own logs of requests write paths, and paths can hold a code or a password link.
        "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django.security": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "httpx": {"level": "WARNING"},  # it would write every address that is asked
        "fido2": {"level": "WARNING"},  # it would write each use of a passkey
    },
}
