"""Whether Slack takes the tokens, asked before anything runs."""

from bot.errors import BadSetting, MethodMissing, SlackRefused, SlackUnavailable, TokenRefused
from bot.slack.gateway import Identity, SlackGateway


async def check_bot_token(gateway: SlackGateway) -> Identity:
    """Return who the bot is; raises ``BadSetting`` when Slack refuses it or is not reached."""
    try:
        return await gateway.identity()
    except (SlackRefused, TokenRefused) as error:
        # A page instead of an answer, found or not: Slack's own refusals have a word.
        if isinstance(error, MethodMissing) or error.code == "200":
            raise BadSetting(
                field="SLACK_API_URL",
                problem=f"There is no Slack API at SLACK_API_URL (auth.test: {error.code}).",
                fix="It is all that stands before a method's name, as in http://localhost/api/.",
            ) from error
        raise BadSetting(
            field="SLACK_BOT_TOKEN",
            problem=f"Slack does not accept the bot's token ({error.code}).",
            fix="Copy SLACK_BOT_TOKEN anew from OAuth & Permissions of your Slack app.",
        ) from error
    except SlackUnavailable as error:
        raise BadSetting(
            field="SLACK_API_URL",
            problem=str(error),
            fix="Check the network, and SLACK_API_URL if you set it.",
        ) from error


async def check_app_token(token: str, api_url: str) -> None:
    """Raise ``BadSetting`` when Slack opens no socket for the app-level token.

    Raises ``SlackUnavailable`` when Slack asks to wait, or is not reached.
    """
    gateway = SlackGateway(token, api_url)
    try:
        await gateway.check_socket(token)
    except MethodMissing as error:
        raise BadSetting(
            field="SLACK_APP_TOKEN",
            problem=f"The server at SLACK_API_URL knows no Socket Mode ({error.code}).",
            fix="Leave SLACK_APP_TOKEN out, and set SLACK_SIGNING_SECRET for HTTP.",
        ) from error
    except (SlackRefused, TokenRefused) as error:
        raise BadSetting(
            field="SLACK_APP_TOKEN",
            problem=f"Slack does not accept the app-level token ({error.code}).",
            fix="Make one with connections:write (Basic Information), and set SLACK_APP_TOKEN.",
        ) from error
    finally:
        await gateway.close()
