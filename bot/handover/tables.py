"""What was handed over, so that it can be taken back."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, JsonList, SlackId, new_id


class Handover(Base):
    """One hand-over of all that a person owned; ``moved`` are [kind, id] of each thing."""

    __tablename__ = "handover"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    from_id: Mapped[SlackId]
    to_id: Mapped[SlackId]
    by: Mapped[SlackId]
    moved: Mapped[JsonList]
    at: Mapped[Instant]
    undone_at: Mapped[Instant | None]
