"""The workspaces that this process serves, each with its gateway and directory."""

from dataclasses import dataclass
from datetime import datetime

from bot.db.session import Database
from bot.errors import NotFound
from bot.slack.gateway import Gateway, Identity
from bot.workspaces.directory import Directory, register


@dataclass(frozen=True)
class Place:
    """One workspace: who the bot is there, and how to reach it."""

    workspace_id: str
    identity: Identity
    gateway: Gateway
    directory: Directory


class Places:
    """Finds a workspace by Slack's team id or by ours."""

    def __init__(self) -> None:
        self._by_id: dict[str, Place] = {}

    async def add(self, db: Database, gateway: Gateway, *, at: datetime) -> Place:
        """Register the workspace that the gateway's token belongs to."""
        identity = await gateway.identity()
        workspace = await register(db, identity, at=at)
        directory = Directory(db, gateway, workspace.id, identity.team_id)
        place = Place(workspace.id, identity, gateway, directory)
        self._by_id[workspace.id] = place
        return place

    def of(self, workspace_id: str) -> Place:
        """Return the place of our workspace id."""
        place = self._by_id.get(workspace_id)
        if place is None:
            raise NotFound("This workspace is not installed here.")
        return place

    async def gateway(self, workspace_id: str) -> Gateway:
        """Return the gateway of our workspace id; what the engine asks for."""
        return self.of(workspace_id).gateway

    def of_team(self, team_id: str, enterprise_id: str = "") -> Place:
        """Return the place a payload belongs to, by Slack's ids."""
        for place in self._by_id.values():
            if team_id and place.identity.team_id == team_id:
                return place
        for place in self._by_id.values():
            if enterprise_id and place.identity.enterprise_id == enterprise_id:
                return place
        if len(self._by_id) == 1:
            only = next(iter(self._by_id.values()))
            # Some Slack-compatible servers leave the team out; there is only one it can be.
            if not team_id or not only.identity.team_id:
                return only
        raise NotFound("Daybook is not installed in this workspace.")

    def all(self) -> list[Place]:
        """Return every place."""
        return list(self._by_id.values())
