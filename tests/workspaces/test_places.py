"""Which workspace a payload belongs to."""

from typing import Any, cast

import pytest

from bot.errors import NotFound
from bot.slack.gateway import Identity
from bot.workspaces.places import Place, Places


def _places(*teams: str) -> Places:
    places = Places()
    for team in teams:
        who = Identity(team_id=team, enterprise_id="", team="", url="", user_id="U0", bot_id="")
        nobody = cast(Any, None)
        places._by_id[f"w{team}"] = Place(f"w{team}", who, nobody, nobody)
    return places


@pytest.mark.parametrize(
    ("teams", "told"), [(["T1", "T2"], "T1"), (["T1"], ""), ([""], "T1"), ([""], "")]
)
def test_a_payload_is_of_its_team_or_of_the_only_one_where_the_server_leaves_it_out(
    teams: list[str], told: str
) -> None:
    assert _places(*teams).of_team(told).workspace_id == f"w{teams[0]}"


@pytest.mark.parametrize(("teams", "told"), [(["T1"], "T2"), (["T1", "T2"], "")])
def test_a_payload_of_another_team_is_nobodys(teams: list[str], told: str) -> None:
    with pytest.raises(NotFound):
        _places(*teams).of_team(told)
