"""`manage.py up`: starts Sluiceway and stays until it is stopped."""

import ipaddress
import os
import subprocess
import sys
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from builder.bootstrap import disk, environ, places, preflight, services
from builder.bootstrap.lock import HomeLock
from builder.bootstrap.supervisor import Supervisor
from builder.bootstrap.talk import Refusal, say, step
from builder.common.credentials import open_identity

# Room for the default models and a day's work; SLUICEWAY_SPACE_NEEDED_MB asks for more.
MEGABYTES_NEEDED = 300


class Command(BaseCommand):
    """Parse the options, then start everything."""

    help = "Start Sluiceway: install what is missing, migrate, run Valkey, the worker and the web server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        preflight.add_options(parser)
        parser.add_argument("--no-models", action="store_true", help="do not install missing default models")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until a signal asks to stop."""
        lock = HomeLock(settings.HOME)
        if not lock.take():
            raise preflight.in_use(lock)
        try:
            run(lock, host=options["host"], port=options["port"], with_models=not options["no_models"])
        finally:
            lock.release()


def run(lock: HomeLock, host: str, port: int, with_models: bool) -> None:
    """Start all services for the settings' home, say where they answer, stay until stopped."""
    home: Path = settings.HOME
    needed = environ.number("SLUICEWAY_SPACE_NEEDED_MB", MEGABYTES_NEEDED)
    disk.require_free(home, needed, f"Running Sluiceway in {home}")
    with services.listen(host, port) as listener, Supervisor() as supervisor:
        services.start_valkey(supervisor, home)
        migrate()
        open_identity()  # made at the first start, before two processes could want it at once
        if not is_loopback(host):
            require_password(host)
        if with_models:
            install_models()
        for worker in services.workers(home):
            supervisor.start(worker)
        supervisor.start(services.web(home, listener, {"SLUICEWAY_HOSTS": ",".join(hosts(host))}))
        supervisor.wait_ready(services.WEB, services.SECONDS_TO_START)
        address = address_of(*listener.getsockname()[:2])
        lock.describe(address)
        line = f"Sluiceway is ready; Ctrl-C stops it. Sign in once with this link: {address}{sign_in_path()}"
        connections.close_all()
        supervisor.watch(lambda: say(line))
        say("Stopping.")


def migrate() -> None:
    """Bring the database and the templates in it up to date."""
    connection = connections["default"]
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with step("preparing the database"):
                call_command("migrate", verbosity=0, interactive=False)
        call_command("load_seeds", stdout=StringIO())
    except OperationalError as error:
        raise Refusal(f"The database cannot be used: {str(error).strip()}.") from error


def install_models() -> None:
    """Install the default models that are missing, with their own progress."""
    command = [sys.executable, "-m", "runtime.models", "install", "--default"]
    done = subprocess.run(command, cwd=places.ROOT, env=os.environ | services.environment_for(settings.HOME))
    if done.returncode:
        raise Refusal(
            "The default models could not be installed (see above). Start without them: up --no-models."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_password(host: str) -> None:
    """Refuse to open the site to a network before an administrator has a password."""
    administrators = get_user_model()._default_manager.filter(is_superuser=True, is_active=True)
    if not any(person.has_usable_password() for person in administrators):
        raise Refusal(
            f"Sluiceway will not listen on {host} before an administrator has a password. "
            "Set one with `python3 manage.py changepassword admin`, and start again."
        )


def hosts(host: str) -> list[str]:
    """The names that the site answers to: the configured ones and the address it listens on."""
    configured = [name for name in settings.ALLOWED_HOSTS if name not in {"127.0.0.1", "localhost", "[::1]"}]
    wanted = f"[{host}]" if ":" in host else host
    return configured if wanted in settings.ALLOWED_HOSTS else [*configured, wanted]


def address_of(host: str, port: int) -> str:
    """The address as a browser on this machine would write it."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def sign_in_path() -> str:
    """The path of a fresh one-time sign-in link for the administrator."""
    output = StringIO()
    call_command("sign_in_link", stdout=output)
    return output.getvalue().strip()
