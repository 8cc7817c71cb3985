"""Alembic's entry point; the connection is passed in by bot.db.migrate."""

from alembic import context

from bot.db.schema import is_ours, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    compare_type=True,
    include_object=is_ours,
)
with context.begin_transaction():
    context.run_migrations()
