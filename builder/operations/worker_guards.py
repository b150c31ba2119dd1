"""worker_guards: of rows that a worker may add, the database refuses those that no honest worker writes (Postgres only).

Rights of columns cannot say it: the same columns hold what a worker writes and what people decide. So triggers look at the
row when whoever writes is not (a member of) who owns the table, whatever the role is called.
"""

from psycopg import sql

# A held value for reviewers, or a withheld one for an appeal; and later that there is nothing left to decide.
_REVIEW = """
  IF TG_OP = 'INSERT' AND (NEW.purpose, NEW.state) IN (('hold', 'open'), ('appeal', 'kept'))
      AND NEW.ruling IS NULL AND NEW.released IS NULL AND NEW.decided IS NULL AND NEW.text = '' AND NEW.needed > 0 THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'open' AND NEW.state = 'closed' THEN
    RETURN NEW;
  END IF;
"""
# That a run was withheld, by nobody, as the next line of the chain. Another's line in between is no refusal: it is tried again.
_LINE = """
  said := NEW.body::jsonb;
  -- No name twice: a reader who takes the first of two would read another line.
  IF (SELECT count(*) FROM json_object_keys(NEW.body::json)) = (SELECT count(*) FROM jsonb_object_keys(said))
      AND said ->> 'act' = 'run.withheld' AND said -> 'by' = 'null'::jsonb THEN
    SELECT sequence, hash INTO last FROM public.safety_auditentry ORDER BY sequence DESC LIMIT 1;
    IF NEW.sequence = coalesce(last.sequence, 0) + 1 AND NEW.previous = coalesce(last.hash, repeat('0', 64))
        AND NEW.hash = encode(sha256(convert_to(
          NEW.sequence || E'\\n' || NEW.previous || E'\\n' || NEW.body, 'UTF8')), 'hex') THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'this is not the next line' USING ERRCODE = 'check_violation';
  END IF;
"""
# The path is fixed: a table of the same name that the writer made for itself is not looked into.
_FUNCTION = """
CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  said jsonb;
  last record;
BEGIN
  IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
    RETURN NEW;
  END IF;
{looks}
  RAISE EXCEPTION 'no worker writes such a row into %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$"""

_GUARDED = {
    "runs_review": ("INSERT OR UPDATE", _REVIEW),
    "safety_auditentry": ("INSERT", _LINE),
}


def guards() -> list[sql.Composable]:
    """What puts the triggers, in place of those that are there."""
    made: list[sql.Composable] = []
    for table, (verbs, looks) in _GUARDED.items():
        name, on = sql.Identifier(f"sluiceway_worker_{table}"), sql.Identifier(table)
        made += [
            sql.SQL(_FUNCTION).format(name=name, looks=sql.SQL(looks)),
            sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(name, on),
            sql.SQL("CREATE TRIGGER {} BEFORE {} ON {} FOR EACH ROW EXECUTE FUNCTION public.{}()").format(
                name, sql.SQL(verbs), on, name
            ),
        ]
    return made
