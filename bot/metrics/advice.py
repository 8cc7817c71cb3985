"""How to mend each setting of a metrics file, in one sentence. The words of its problems."""

PLAIN = {
    "missing": "it is missing.",
    "string_pattern_mismatch": "it has the wrong form.",
}
"""What pydantic finds, by its type, in plainer words than its own."""

FIXES = {
    "top": "It has two parts: sources and metrics.",
    "sources": "Write it like: warehouse: {type: sql, url: ${WAREHOUSE_URL}}",
    "metrics": "Write each metric like: - name: sign_ups, and its settings below the name.",
    "url": "Write the name of an environment variable that holds it, like ${WAREHOUSE_URL}.",
    "host": "Write it like: host: https://eu.posthog.com",
    "project": "Write the number that stands in PostHog's project settings.",
    "key": "Write the name of an environment variable that holds it, like ${POSTHOG_KEY}.",
    "token": "Write the name of an environment variable that holds it, like ${API_TOKEN}.",
    "headers": "Write them like: headers: {X-Api-Key: ${API_KEY}}",
    "slack": "Write slack: members, or the id of the channel whose readers may use it.",
    "allow_private": "Write allow_private: true, or leave it out.",
    "allow_hosts": "Write it like: allow_hosts: [files.example.com]",
    "queries": "Write each query under its name, like: sign_ups: select day, ...",
    "name": "Use small letters, digits and underscores, like weekly_importers.",
    "label": "Write what people call it, like: label: Teams that imported",
    "source": "Name one of the sources above.",
    "sql": "Write: select day, value from ... where day >= :since and day < :until",
    "count": "Write count: events, or count: people.",
    "combine": "Write combine: sum to add up the rows of a day, or leave it out.",
    "good": "Write good: up, or good: down.",
    "currency": "Use a code of three letters, like EUR.",
    "timezone": "Use a name such as Europe/Berlin.",
    "ready_after": 'Write a time of day, like "06:00".',
    "missing": "Write missing: gap, or missing: zero.",
    "owner": "Use a member id, like U0123ABCD: their profile, then Copy member ID.",
    "audience": "Use a channel id, like C0123ABCD: it stands at the end of the channel's details.",
    "percent": "Write percent: true, or leave it out.",
    "min_change": "Write it like 10%.",
    "late_days": "Write how many days a source still corrects, 0 to 60.",
    "target": "Write a number, without its unit.",
    "timeout_seconds": "Write a number of seconds, up to 300.",
    "row_limit": "Write a whole number, up to 100000.",
    "min_count": "Write a number.",
    "budget_per_week": "Write how many messages a week are welcome, like 1.",
}
