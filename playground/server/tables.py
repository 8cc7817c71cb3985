"""The tables of the playground's workspace (SQLite)."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS user (id TEXT PRIMARY KEY, body TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS channel (id TEXT PRIMARY KEY, name TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS member (
  channel TEXT NOT NULL, user TEXT NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (channel, user)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS message (
  channel TEXT NOT NULL, ts TEXT NOT NULL, thread_ts TEXT, user TEXT NOT NULL,
  ephemeral_to TEXT, deleted INTEGER NOT NULL DEFAULT 0, broadcast INTEGER NOT NULL DEFAULT 0,
  shown_at REAL NOT NULL, text TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (channel, ts)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_thread ON message (channel, thread_ts, ts);
CREATE TABLE IF NOT EXISTS reaction (
  channel TEXT NOT NULL, ts TEXT NOT NULL, name TEXT NOT NULL, user TEXT NOT NULL,
  position INTEGER NOT NULL, PRIMARY KEY (channel, ts, name, user)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS view (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, user TEXT NOT NULL, external_id TEXT,
  root_view_id TEXT NOT NULL, previous_view_id TEXT, hash TEXT NOT NULL,
  body TEXT NOT NULL, state TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS file (
  id TEXT PRIMARY KEY, body TEXT NOT NULL, content BLOB,
  refused INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS response_url (
  key TEXT PRIMARY KEY, channel TEXT NOT NULL, user TEXT NOT NULL, ts TEXT,
  thread_ts TEXT, uses INTEGER NOT NULL DEFAULT 0, expires REAL NOT NULL);

CREATE TABLE IF NOT EXISTS ledger (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, real_at REAL NOT NULL, story_at REAL NOT NULL,
  method TEXT NOT NULL, args TEXT NOT NULL, channel TEXT, ts TEXT);
CREATE INDEX IF NOT EXISTS ledger_method ON ledger (method, seq);
CREATE TRIGGER IF NOT EXISTS ledger_is_never_edited BEFORE UPDATE ON ledger
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_is_never_deleted BEFORE DELETE ON ledger
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TABLE IF NOT EXISTS event (
  event_id TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS event_pending ON event (state);
"""
