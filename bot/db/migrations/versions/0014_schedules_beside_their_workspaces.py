"""schedules beside their workspace's

SQLite alone: the rows of the table stand in the order of their key, and so those of one
workspace together. What comes due at one instant is read and moved on by workspace; in the order
of their creation nearly each of these rows lay on a page of its own.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    without = {"sqlite_with_rowid": False}
    with op.batch_alter_table("schedule", recreate="always", table_kwargs=without):
        pass


def downgrade() -> None:
    raise NotImplementedError("Daybook migrates forward only; restore a backup to go back")
