"""What people set about their own time. The workspace's calendar stands in its settings."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base
from bot.db.types import Id, Instant, JsonList, SlackId, Word


class PersonCalendar(Base):
    """A person's quiet hours and days off; ``id`` is Slack's user id."""

    __tablename__ = "person_calendar"

    workspace_id: Mapped[Id] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    id: Mapped[SlackId] = mapped_column(primary_key=True)
    quiet: Mapped[Word] = mapped_column(default="")  # "19:00-08:00"; empty: the workspace's
    time_off: Mapped[JsonList] = mapped_column(default=list)  # [first day, last day] as text
    updated_at: Mapped[Instant]
