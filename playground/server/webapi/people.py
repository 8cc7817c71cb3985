"""users.*, team.info, bots.info, usergroups.list: who is who."""

from playground.server.refusals import RefusedError
from playground.server.rows import Json, User
from playground.server.shapes import render_user
from playground.server.webapi.call import Call
from playground.server.webapi.cursors import page_of


def user_info(call: Call) -> Json:
    """users.info."""
    return {"user": _shape(call, call.find_user())}


def user_list(call: Call) -> Json:
    """users.list: everybody, the deactivated and bots included."""
    page, metadata = page_of(call, call.world.users.all(), default=1000)
    shapes = [_shape(call, user) for user in page]
    cache_ts = int(call.world.real_now().timestamp())
    return {"members": shapes, "cache_ts": cache_ts, "response_metadata": metadata}


def user_by_email(call: Call) -> Json:
    """users.lookupByEmail."""
    user = call.world.users.with_email(call.needed("email", "users_not_found"))
    if user is None or user.deleted:
        raise RefusedError("users_not_found")
    return {"user": _shape(call, user)}


def team_info(call: Call) -> Json:
    """team.info."""
    team = call.world.team
    base_url = call.workspace.settings.base_url
    return {
        "team": {
            "id": team.id,
            "name": team.name,
            "domain": team.domain,
            "url": f"{base_url}/",
            "email_domain": "",
            "icon": {},
        }
    }


def bot_info(call: Call) -> Json:
    """bots.info."""
    world = call.world
    if call.text("bot") not in (None, world.app.bot_id):
        raise RefusedError("bot_not_found")
    return {
        "bot": {
            "id": world.app.bot_id,
            "deleted": False,
            "name": world.bot.real_name,
            "updated": 0,
            "app_id": world.app.app_id,
            "user_id": world.app.bot_user_id,
            "icons": {},
        }
    }


def usergroup_list(call: Call) -> Json:
    """usergroups.list: as kept under the world's setting "usergroups" (Slack's own objects)."""
    groups = call.world.store.setting("usergroups") or []
    if not call.flag("include_users"):
        groups = [{k: v for k, v in group.items() if k != "users"} for group in groups]
    return {"usergroups": groups}


def _shape(call: Call, user: User) -> Json:
    return render_user(
        user,
        call.world.now(),
        has_email=call.has_scope("users:read.email"),
        app_id=call.world.app.app_id if user.id == call.bot else "",
    )
