"""worker_role: what the database lets a worker do, table by table, and the SQL that makes such a role (Postgres only).

A table that stands in neither list fails a test, so that whoever adds one decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from django.db import connection
from psycopg import sql

from builder.operations.worker_guards import guards

# "*" for a whole table, or the columns of it.
Columns: TypeAlias = str
ALL = "*"


@dataclass(frozen=True, slots=True)
class Rights:
    """Columns are separated by spaces; empty for none. Rows go whole, so `delete` knows no columns."""

    select: Columns = ""
    insert: Columns = ""
    update: Columns = ""
    delete: bool = False


RIGHTS: dict[str, Rights] = {
    # Runs and leases: a worker changes what it does, and neither what it was told to do nor for whom.
    "runs_run": Rights(
        select="id workspace_id workflow_id workflow_name version to policy_id called state plan_id arguments inputs by_id "
        "cancel_requested error last_event created started finished idempotency_key order_digest restarts_id "
        "lent_by_id",
        update="state started finished error last_event cancel_requested",
    ),
    "runs_keptplan": Rights(select=ALL),
    "runs_segment": Rights(select=ALL, update="state fence attempt losses worker leased_until claimed"),
    # Whose turn it is, also where the runs that said so are deleted.
    "runs_served": Rights(select=ALL),
    # A worker puts a question there and takes it away; what somebody answered it only reads.
    "runs_step": Rights(
        select=ALL,
        update="state attempt started finished seconds cost error outputs key due waits failures effect question",
    ),
    "runs_event": Rights(insert=ALL),
    "runs_output": Rights(insert=ALL),
    "runs_contentuse": Rights(insert=ALL),
    "runs_finding": Rights(insert=ALL),
    "runs_cachedstep": Rights(select=ALL, insert=ALL, update="used", delete=True),
    "runs_worker": Rights(select=ALL, insert=ALL, update=ALL, delete=True),
    # What gates hold: a worker puts it there, closes it with its run, and reads what was decided. That nothing which it
    # writes is a decision is looked at row by row (builder.operations.worker_guards).
    "runs_review": Rights(select=ALL, insert=ALL, update="state decided"),
    # Results that are stored bytes: their addresses, and what has cleared them.
    "assets_asset": Rights(select=ALL, insert=ALL, update="clearances created"),
    # Whether a policy is what was published, and whether it is still strict enough. None is put in force from here.
    "safety_policyversion": Rights(select=ALL),
    "safety_shadow": Rights(select=ALL, update="looked failed"),
    "safety_shadowfinding": Rights(select="id", insert=ALL),
    # A run that was withheld is a line of the log, and the only kind that it may add (builder.operations.worker_guards).
    # Hash and number of the last are all that it takes.
    "safety_auditentry": Rights(select="sequence hash", insert=ALL),
    "figures_figure": Rights(select=ALL, insert=ALL, update=ALL),
    # Whether something is under a legal hold; not why.
    "keeping_hold": Rights(select="id kind subject lifted"),
    "accounts_workspace": Rights(select="id name created"),
}

NOTHING = frozenset(
    {
        # people, how they come in, what they may
        "accounts_user",
        "accounts_user_groups",
        "accounts_user_user_permissions",
        "accounts_membership",
        "accounts_signinlink",
        "accounts_signinattempt",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_admin_log",
        "django_content_type",
        "django_migrations",
        "django_session",
        # who answered what runs ask; a worker is told what, and not by whom
        "runs_answer",
        # keys of providers, and models being fetched
        "catalog_secret",
        "catalog_modelinstall",
        # drawings: a worker has the plans
        "gallery_template",
        "workflows_workflow",
        "workflows_revision",
        "workflows_workflowversion",
        # what is being made of policies
        "safety_policydraft",
        "safety_proposal",
        # how long things stay, deletions, who read what
        "keeping_erasure",
        "keeping_export",
        "keeping_leaving",
        "keeping_read",
        "keeping_retentionrule",
        "keeping_turn",
        # who looked at what was held, and decided
        "reviews_look",
        "reviews_opinion",
    }
)


def statements(role: str, login: bool) -> list[sql.Composable]:
    """What makes the role, or sets an existing one to exactly these rights. `login`: it does not exist yet."""
    name, database = sql.Identifier(role), sql.Identifier(str(connection.settings_dict["NAME"]))
    # Said when it is made and not later: to change these takes a superuser, whom a hosted Postgres gives to nobody.
    shape = "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
    made = [sql.SQL(shape).format(name)] if login else []
    return [
        *guards(),
        *made,
        # What a worker had locked when its link was cut is free for who takes over.
        sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '15s'").format(name),
        # Taking a table's rights away takes those of its columns as well.
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name),
        sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}").format(name),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(name),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(database, name),
        # Everybody may make tables of their own that nothing bounds, unless it is taken from everybody.
        sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        *(
            sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(", ").join(granted), sql.Identifier(table), name)
            for table, rights in RIGHTS.items()
            if (granted := list(_granted(rights)))
        ),
    ]


def _granted(rights: Rights) -> Iterator[sql.Composable]:
    for verb in ("select", "insert", "update"):
        columns: Columns = getattr(rights, verb)
        if columns == ALL:
            yield sql.SQL(verb.upper())
        elif columns:
            names = sql.SQL(", ").join(sql.Identifier(column) for column in columns.split())
            yield sql.SQL("{} ({})").format(sql.SQL(verb.upper()), names)
    if rights.delete:
        yield sql.SQL("DELETE")


def exists(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def may_more(role: str) -> bool:
    """Whether an existing role can do what no list of tables takes from it: by what it is, or by roles it belongs to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR EXISTS "
            "(SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid) FROM pg_roles WHERE rolname = %s",
            [role],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
