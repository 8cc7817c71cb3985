"""What can be owned here, for a hand-over."""

from bot.handover.service import Owned
from bot.metrics.tables import Metric

OWNED = (Owned("metric", Metric, Metric.retired_at.is_(None)),)
