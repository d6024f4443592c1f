"""Lectern's settings. Everything comes from the environment; each default works.

Every variable read here stands in .env.example; a test says so.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import sys
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import data_dir
from tts.addresses import server_address, server_key, trimmed

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# A variable that is empty is as good as not set: files that start containers often pass them so.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}


def word(name: str, default: str) -> str:
    """Read a word without what files and forms leave around it: quotation marks, blanks, the
    carriage return of another system, characters that nobody sees."""
    return trimmed(env.str(name, default="")) or default


def natural(name: str, default: int, *, least: int = 0) -> int:
    """Read a whole number that is not below the least one, or stop with words."""
    try:
        value = int(word(name, str(default)))
    except ValueError:
        value = least - 1
    if value < least:
        raise ImproperlyConfigured(
            f"{name} must be a whole number of {least} or more, not {env.str(name, default='')!r}."
        )
    return value


def positive_int(name: str, default: int) -> int:
    """Read a whole number above 0, or stop with words."""
    return natural(name, default, least=1)


def boolean(name: str, default: bool) -> bool:
    """Read yes or no, or stop with words."""
    text = word(name, "yes" if default else "no").lower()
    if text in {"1", "yes", "true", "on"}:
        return True
    if text in {"0", "no", "false", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {text!r}.")


def one_of(name: str, default: str, choices: set[str]) -> str:
    """Read one of a few words, or stop with words."""
    value = word(name, default)
    if value not in choices:
        raise ImproperlyConfigured(
            f"{name} must be one of {', '.join(sorted(choices))}, not {value!r}."
        )
    return value


def sub_path(name: str) -> str | None:
    """Read a path such as /lectern, or nothing, or stop with words."""
    value = word(name, "").rstrip("/")
    if value and not re.fullmatch(r"(?:/[\w.~-]+)+", value):
        raise ImproperlyConfigured(f"{name} must be a path such as /lectern, not {value!r}.")
    return value or None


def origins(name: str) -> list[str]:
    """Read origins as browsers send them, separated by commas, or stop with words."""
    values: list[str] = env.list(name, default=[])
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}":
            raise ImproperlyConfigured(
                f"{name} must hold origins such as https://read.example.org, not {value!r}."
            )
    return values


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Read addresses of machines or networks, separated by commas, or stop with words."""
    found = []
    for text in filter(None, map(trimmed, word(name, "").split(","))):
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must hold addresses or networks such as 10.0.0.0/8, not {text!r}."
            ) from None
    return found


def address(name: str, default: str, schemes: set[str]) -> str:
    """Read the address of a server, or stop with words."""
    value = word(name, default)
    if urlsplit(value).scheme not in schemes or "://" not in value:
        raise ImproperlyConfigured(
            f"{name} must begin with one of {', '.join(f'{s}://' for s in sorted(schemes))}."
        )
    return value


def optional_address(name: str, schemes: set[str]) -> str:
    """Read the address of a server, or nothing, or stop with words."""
    return address(name, "", schemes) if word(name, "") else ""


def origin_of(url: str) -> str:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def of_a_speech_server(name: str, read: Callable[[str], str]) -> str:
    """Read what names a speech server, or nothing, or stop with words that repeat no secret."""
    try:
        return read(env.str(name, default=""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be used. {error}") from None


def time_zone(name: str, default: str) -> str:
    """Read the name of a time zone, or stop with words."""
    value = word(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} must be the name of a time zone such as Europe/Berlin, not {value!r}."
        ) from None
    return value


def loudness(name: str, default: float) -> float | None:
    """Read a loudness in LUFS, or None for off, or stop with words."""
    text = word(name, str(default)).lower()
    if text in {"off", "no"}:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not -40 <= value <= -10:
        raise ImproperlyConfigured(f"{name} must be off, or from -40 to -10, not {text!r}.")
    return value


def engines(name: str) -> dict[str, str]:
    """Read dotted paths by the names of engines, or stop with words."""
    pairs = [pair.partition("=") for pair in env.list(name, default=[])]
    for engine, _, path in pairs:
        if not engine.strip() or not all(map(str.isidentifier, path.strip().split("."))):
            raise ImproperlyConfigured(
                f"{name} must be written name=dotted.path,name=dotted.path; {engine!r} has no path."
            )
    return {engine.strip(): path.strip() for engine, _, path in pairs}


def kept_secret(path: Path) -> str:
    """Return the secret in a file of this installation; make it at the first start."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Mode "x": of several processes that start at once, one writes and the others read.
        with open(path, "x", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()


# --- where things are ---------------------------------------------------------------------------

try:
    DATA_DIR = data_dir.secured(
        Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).expanduser().resolve()
    )
except data_dir.Unusable as error:
    raise ImproperlyConfigured(str(error)) from None
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key")
# Former ones: what they signed and sealed is still read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = boolean("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS")
# Origins, besides the page's own, that may open a reading session's socket.
SOCKET_ORIGINS = origins("SOCKET_ORIGINS")
BEHIND_TLS = boolean("BEHIND_TLS", False)
# The path below which the pages are, such as /lectern; the proxy passes it on.
FORCE_SCRIPT_NAME = sub_path("FORCE_SCRIPT_NAME")
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{FORCE_SCRIPT_NAME or ''}/"
# Who is believed when it tells for whom it asks (X-Forwarded-For): the proxies in front.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")

# --- the application ----------------------------------------------------------------------------

INSTALLED_APPS = [
    # Its app is for runserver alone, and would bring Twisted into every worker.
    *(["daphne"] if "runserver" in sys.argv else []),
    # What is registered there is loaded with the addresses: by whoever answers requests.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "config",  # before staticfiles: its collectstatic comes first
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "tts",
    "reader",
]
MIDDLEWARE = [
    "config.middleware.private_pages",
    "config.errors.storage_failures",
    "config.errors.refused_values",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.SessionHolder",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, though its guide says second: static files get the headers that pages get.
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reader.context_processors.installation",
            ]
        },
    }
]

# --- people -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "reader.User"
AUTH_PASSWORD_VALIDATORS = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
    {"NAME": "reader.passwords.VariedPassword"},
]
AUTHENTICATION_BACKENDS = [
    "reader.accounts.backends.NameOrAddress",
    # What staff may, and sessions from before there was the other one.
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "library"
LOGOUT_REDIRECT_URL = "account_login"
# None: as the installation has it (reader/services/doors.py).
SIGNUP_OPEN = boolean("SIGNUP_OPEN", False) if word("SIGNUP_OPEN", "") else None

# Mail: to confirm addresses, for new passwords, of what changed. Without it none is sent.
EMAIL_URL = optional_address(
    "EMAIL_URL", {"smtp", "smtp+tls", "smtp+ssl", "filemail", "consolemail", "memorymail"}
)
if EMAIL_URL:
    globals().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = word("EMAIL_FROM", "lectern@localhost")
# So long is a link for a new password good.
PASSWORD_RESET_TIMEOUT = 24 * 3600

ACCOUNT_ADAPTER = "reader.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    name: f"reader.accounts.forms.{form}"
    for name, form in {
        "login": "SignInForm",
        "signup": "SignUpForm",
        "change_password": "PasswordForm",
        "reset_password": "ResetForm",
        "reset_password_from_key": "NewPasswordForm",
        "reauthenticate": "SureForm",
    }.items()
}
ACCOUNT_LOGIN_METHODS = ["username", "email"]
ACCOUNT_SIGNUP_FIELDS = [
    "username*", *(["email"] if EMAIL_URL else []), "password1*", "password2*",
]  # fmt: skip
ACCOUNT_EMAIL_VERIFICATION = "optional" if EMAIL_URL else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = bool(EMAIL_URL)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is written to who has no account
ACCOUNT_CHANGE_EMAIL = True  # a person has one address
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_TLS else "http"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# Whether an address has an account is told to nobody; of two accounts with one, one can confirm it.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    # Passwords are counted by reader/services/attempts.py, and so are new accounts.
    "login": None,
    "signup": None,
    "change_password": None,
    "login_failed": "10/15m/key",  # of codes, for an account
}

MFA_ADAPTER = "reader.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lectern"
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys without TLS on localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS

# Signing in by an OpenID Connect provider as well.
OIDC_SERVER_URL = optional_address("OIDC_SERVER_URL", {"https", "http"})
OIDC_CLIENT_ID = word("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = word("OIDC_CLIENT_SECRET", "")
OIDC_NAME = word("OIDC_NAME", "single sign-on")
# Whether whom it knows gets an account without an invitation.
OIDC_SIGNUP = boolean("OIDC_SIGNUP", False)
if OIDC_SERVER_URL and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "OIDC_SERVER_URL needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: the provider gives both."
    )
SOCIALACCOUNT_ADAPTER = "reader.accounts.social.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_SERVER_URL.rstrip("/")},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Whoever looks after the processes asks them without the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^(.+/)?(healthz|readyz|metrics)$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
# The page reads its token from the form, so the cookie need not be readable.
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_HTTPONLY = True
# Same-origin, not no-referrer: Django's CSRF check under TLS wants the Referer.
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # The form for signing in by a provider is sent on to it.
        "form-action": ["'self'", *map(origin_of, filter(None, [OIDC_SERVER_URL]))],
    }
}

# --- database -----------------------------------------------------------------------------------

# What the kernel does with a line that says nothing: seconds, seconds, times, milliseconds.
LINE_IS_GIVEN_UP = {
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 20_000,
}
DATABASE_URL = address(
    "DATABASE_URL",
    f"sqlite:///{DATA_DIR / 'lectern.sqlite3'}",
    {"sqlite", "postgres", "postgresql"},
)
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Write-ahead log and immediate transactions: web and workers write at once, and none of them
    # sees "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        " PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    # As many as a process has threads (config/http.py), and some for its sockets. A server that was
    # away is looked for every few seconds, not after ever longer pauses, and nobody waits for it
    # longer than for Redis; a line that says nothing is given up.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        pool={"min_size": 1, "max_size": 20, "timeout": 10, "reconnect_timeout": 4},
        connect_timeout=5,
        keepalives_idle=LINE_IS_GIVEN_UP["TCP_KEEPIDLE"],
        keepalives_interval=LINE_IS_GIVEN_UP["TCP_KEEPINTVL"],
        keepalives_count=LINE_IS_GIVEN_UP["TCP_KEEPCNT"],
        tcp_user_timeout=LINE_IS_GIVEN_UP["TCP_USER_TIMEOUT"],
    )
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # What was opened before the server restarted is tried before it is used.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: broker, channel layer, wants, live sound ------------------------------------------

# That of `make run`, where it runs: so its commands reach it too.
EMBEDDED_REDIS = DATA_DIR / "run" / "redis.sock"
if EMBEDDED_REDIS.is_symlink():  # it listens elsewhere: this path would be too long
    EMBEDDED_REDIS = EMBEDDED_REDIS.readlink()
REDIS_URL = address(
    "REDIS_URL",
    f"unix://{quote(str(EMBEDDED_REDIS))}"
    if EMBEDDED_REDIS.is_socket()
    else "redis://127.0.0.1:6379/0",
    {"redis", "rediss", "unix"},
)
# How every connection to Redis notices that its line is silent: so long may an answer take; one
# that rested is tried before it is used; and who only listens asks for a sign of life.
REDIS_LINE: dict[str, Any] = {
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "health_check_interval": 2,
}
if not REDIS_URL.startswith("unix://"):
    REDIS_LINE |= {
        "socket_keepalive": True,
        "socket_keepalive_options": {
            getattr(socket, name): value
            for name, value in LINE_IS_GIVEN_UP.items()
            if hasattr(socket, name)
        },
    }
CACHES = {
    # Of limits alone; each read and write of it may fail.
    "default": {
        "BACKEND": "config.cache.LenientRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "lectern:cache",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5, **REDIS_LINE},
    }
}
CHANNEL_LAYERS = {
    "default": {
        # Publish and subscribe: the list-backed layer drops events of a burst and closes every
        # socket when Redis restarts.
        "BACKEND": "tts.delivery.layer.GroupsLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "lectern"},
    }
}

# --- Celery -------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A turn must not wait in the prefetch buffer of a busy worker while another one is free.
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A Redis that is full, or still loads, is waited for like one that is away.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the hard time limit, or a task that still runs is given out twice.
    "visibility_timeout": 900,
    # A line that was silently lost is found out by this look, seconds before anything else does.
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # Nothing is repeated by redis-py: a worker that listens for orders would then read from the new
    # connection, without end, and do nothing else. Celery connects anew, and sends once more.
    "retry_on_timeout": False,
    **REDIS_LINE,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.3}
# What gives back and sends again must not wait behind long imports: whoever is free does it.
UPKEEP = "upkeep"
# Queues of their own, so that an import waits for no more than one piece of the others' work.
LONG_WORK = ("jobs", "alignment", "preparation")
CELERY_WORKER_CONSUMER = "config.health.pool:PatientConsumer"
CELERY_BEAT_SCHEDULER = "config.health.clock:BeatingScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# What is looked after, and how often. What is due every few seconds is one message for all of it: a
# message costs more than most of these looks.
UPKEEP_SECONDS = {
    "reader.tasks.look_after": 1.5,
    "reader.tasks.resume_deliveries": 5.0,
    "reader.tasks.resume": 10.0,
    "reader.folder.watch_folder": 10.0,
    "tts.tasks.sync_voice_files": 20.0,
    "tts.tasks.recover_alignments": 60.0,
    "tts.tasks.check_sounds": 60.0,
    "reader.subscribing.tasks.check_subscriptions": 60.0,
    "reader.tasks.delete_discarded": 60.0,
    "reader.tasks.settle_passages": 60.0,
    "reader.tasks.resume_leaving": 120.0,
    "reader.tasks.keep_sounds_to_budget": 300.0,
    "reader.tasks.delete_expired_exports": 600.0,
    "reader.tasks.sweep_files": 3600.0,
    "reader.tasks.forget": 3600.0,
    "reader.tasks.clear_orphans": 3600.0,
}
# Nothing of it expires: that would be by the clocks of two machines. What still waits is not sent
# again (config/health/clock.py).
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": seconds, "options": {"queue": UPKEEP}}
    for task, seconds in UPKEEP_SECONDS.items()
}

# --- speech -------------------------------------------------------------------------------------

# The engines by name: a dotted path each. "name=path,name=path" adds engines of one's own.
SPEECH_ENGINES = {
    "hibari": "tts.engines.hibari.HibariEngine",
    "espeak": "tts.engines.espeak.EspeakEngine",
    "openai": "tts.engines.openai.OpenAIEngine",
    "piper": "tts.engines.piper.PiperEngine",
    "narrator": "reader.narrating.NarratorEngine",
    **engines("SPEECH_ENGINES"),
}
# Those that only wait for a server, so that one process makes many of their sounds at once.
WAITING_ENGINES = env.list("WAITING_ENGINES", default=[]) or ["openai"]
# Their speech models are made where they are needed: nobody adds one by hand.
ENGINES_THAT_COME_BY_THEMSELVES = {"narrator"}
if unknown := set(WAITING_ENGINES) - set(SPEECH_ENGINES):
    raise ImproperlyConfigured(
        f"WAITING_ENGINES must name engines that there are, and {unknown.pop()!r} is none."
    )
# How many sounds of a server without a limit of its own are made at once, over all workers.
SPEECH_REQUESTS_AT_ONCE = positive_int("SPEECH_REQUESTS_AT_ONCE", 48)
# An engine's turns go on a queue of its name, so that workers can serve the engines they are near.
CELERY_TASK_QUEUES = [
    Queue(name, routing_key=name) for name in (*LONG_WORK, UPKEEP, *SPEECH_ENGINES)
]
# A speech server that speaks OpenAI's API, or OpenAI itself; more of them are added in the admin.
OPENAI_API_KEY = of_a_speech_server("OPENAI_API_KEY", server_key)
OPENAI_BASE_URL = of_a_speech_server("OPENAI_BASE_URL", server_address)
OPENAI_TTS_MODEL = word("OPENAI_TTS_MODEL", "gpt-4o-mini-tts")
OPENAI_TTS_VOICES = list(filter(None, map(trimmed, word("OPENAI_TTS_VOICES", "").split(","))))
# Mirrors of the catalogues of voices: of the folders that their packages name.
PIPER_VOICES_URL = optional_address("PIPER_VOICES_URL", {"http", "https"})
HIBARI_VOICES_URL = optional_address("HIBARI_VOICES_URL", {"http", "https"})
AUDIO_FORMAT = one_of("AUDIO_FORMAT", "webm", {"webm", "mp3"})
# What a new person hears, "model/voice"; checked at the start, when the voices are known.
DEFAULT_VOICE = word("DEFAULT_VOICE", "")
# So many seconds of sound does a page want ahead of what is heard: fewer of a model that is much
# faster than speech, more of one that is hardly so.
LOOK_AHEAD_SECONDS = positive_int("LOOK_AHEAD_SECONDS", 60)
# How loud all voices are made, in LUFS; None leaves each as it is.
LOUDNESS = loudness("LOUDNESS", -19.0)
# How long a worker may be silent before what it was making is given to another, in seconds.
SPEECH_LEASE_SECONDS = positive_int("SPEECH_LEASE_SECONDS", 8)
SPEECH_MAX_ATTEMPTS = positive_int("SPEECH_MAX_ATTEMPTS", 4)
# How often one sound may be what finds out whether a server that was down is back.
SPEECH_MAX_PROBES = positive_int("SPEECH_MAX_PROBES", 20)

# Characters that speech models with a price may make in a day; 0: any number.
DAILY_CHARACTERS_PER_PERSON = natural("DAILY_CHARACTERS_PER_PERSON", 0)
DAILY_CHARACTERS = natural("DAILY_CHARACTERS", 0)

# --- documents ----------------------------------------------------------------------------------

MAX_UPLOAD_MB = positive_int("MAX_UPLOAD_MB", 50)
TRASH_DAYS = positive_int("TRASH_DAYS", 30)
# Web pages are fetched from the public internet only, unless whoever runs this says otherwise.
FETCH_PRIVATE_ADDRESSES = boolean("FETCH_PRIVATE_ADDRESSES", False)
# How often the programs of one person may ask the API in a minute; 0: as often as they like.
API_REQUESTS_PER_MINUTE = natural("API_REQUESTS_PER_MINUTE", 600)
# What is put into a person's folder in this one is brought in; empty: none is watched.
IMPORT_FOLDER = env.str("IMPORT_FOLDER", default="")
# For so many hours are sounds kept that a program asked for without a document.
SPEECH_API_KEPT_HOURS = natural("SPEECH_API_KEPT_HOURS", 24, least=1)
# Whoever has it sees /metrics; without one, only this machine itself.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# What may be brought in, by each person and by all together; 0: any amount.
MAX_DOCUMENTS_PER_PERSON = natural("MAX_DOCUMENTS_PER_PERSON", 0)
MAX_MB_PER_PERSON = natural("MAX_MB_PER_PERSON", 0)
MAX_IMPORTS_PER_DAY_PER_PERSON = natural("MAX_IMPORTS_PER_DAY_PER_PERSON", 0)
MAX_DOCUMENTS = natural("MAX_DOCUMENTS", 0)
MAX_MB = natural("MAX_MB", 0)
# MB that stored sounds may take up; 0: any number.
MAX_SOUNDS_MB = natural("MAX_SOUNDS_MB", 0)
MAX_IMPORTS_PER_DAY = natural("MAX_IMPORTS_PER_DAY", 0)
# For so many days is an export kept; 0: until it is deleted.
EXPORT_DAYS = natural("EXPORT_DAYS", 30)
# So many pages are fetched at once: fewer than there are processes for imports, or slow sites hold
# all of them.
JOBS_CONCURRENCY = positive_int("JOBS_CONCURRENCY", 2)
FETCHES_AT_ONCE = positive_int("FETCHES_AT_ONCE", max(1, JOBS_CONCURRENCY - 1))
# Beyond it a request is refused while it comes (config/bodies.py); a form has more than its text.
DATA_UPLOAD_MAX_MEMORY_SIZE = (MAX_UPLOAD_MB + 1) * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- files --------------------------------------------------------------------------------------

MEDIA_ROOT = DATA_DIR / "files"
STATIC_URL = f"{FORCE_SCRIPT_NAME or ''}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "config.staticfiles.ScriptsFinder",  # first, so that its scripts go before their sources
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# A bucket that speaks S3, in place of the folder.
S3_BUCKET = word("S3_BUCKET", "")
IN_BUCKET = {
    "BACKEND": "config.object_storage.ObjectStorage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "location": word("S3_PREFIX", "").strip("/"),
        # Without these as boto3 finds them: by the machine's role, for one.
        "endpoint_url": word("S3_ENDPOINT_URL", "") or None,
        "region_name": word("S3_REGION", "") or None,
        "access_key": word("S3_ACCESS_KEY_ID", "") or None,
        "secret_key": word("S3_SECRET_ACCESS_KEY", "") or None,
    },
}
STORAGES: dict[str, dict[str, Any]] = {
    # Sounds and uploads. Never served by its own URLs: each is asked for by the page's owner.
    "default": (
        IN_BUCKET if S3_BUCKET else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {"BACKEND": "config.staticfiles.HashedStaticFilesStorage"},
}

# --- words and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = time_zone("TIME_ZONE", "UTC")
USE_TZ = True

# --- logging ------------------------------------------------------------------------------------

LOG_LEVEL = one_of("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})
# A line for each message: words for people, or JSON for what gathers the logs of many machines.
LOG_FORMAT = one_of("LOG_FORMAT", "text", {"text", "json"})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"format": "%(message)s"}, "json": {"()": "config.logs.JSONLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # The trace: each message and each step, with what it is about, a line each.
        "reader": {"level": LOG_LEVEL},
        "tts": {"level": LOG_LEVEL},
        "config": {"level": LOG_LEVEL},
        "celery": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},  # each request of each sound
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer()
        if LOG_FORMAT == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
