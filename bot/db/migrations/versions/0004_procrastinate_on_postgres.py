"""procrastinate's tables, on Postgres only

The installed version's own schema; which one it was is noted on its first table, for a later
revision that brings it on.
"""

from importlib.metadata import version

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("events", "periodic_defers", "jobs", "workers")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql" or _is_there():
        return
    from procrastinate.schema import SchemaManager

    # Many statements in one string, with signs that mean parameters elsewhere: to the driver.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()
    op.execute(f"comment on table procrastinate_jobs is 'procrastinate {version('procrastinate')}'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f"drop table if exists procrastinate_{table} cascade")
    for statement in op.get_bind().scalars(sa.text(LEFT)).all():
        op.execute(statement)


# Its functions and types, whatever version made them.
LEFT = """
select format('drop function %s', oid::regprocedure) from pg_proc
where proname like 'procrastinate\\_%' and pronamespace = current_schema()::regnamespace
union all
select format('drop type %I', typname) from pg_type
where typname like 'procrastinate\\_%' and typtype in ('e', 'c')
and typnamespace = current_schema()::regnamespace
"""


def _is_there() -> bool:
    return bool(op.get_bind().scalar(sa.text("select to_regclass('procrastinate_jobs')")))
