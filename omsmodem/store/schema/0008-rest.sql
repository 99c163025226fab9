-- The door for scripts: who may, what was answered, what was passed on. Moments are milliseconds since 1970, UTC.

CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,      -- separated by spaces
    digest BLOB NOT NULL,      -- SHA-256 of the secret, which is nowhere
    created_at INTEGER NOT NULL
);

CREATE TABLE idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,     -- digest of what was asked
    answer BLOB NOT NULL,
    submission_id INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (at);
CREATE INDEX idempotency_submission ON idempotency (submission_id);
-- An answer holds texts and numbers: it goes when they do.
CREATE TRIGGER idempotency_text AFTER UPDATE OF text ON message WHEN NEW.text = '' BEGIN
    DELETE FROM idempotency WHERE submission_id = NEW.submission_id;
END;
CREATE TRIGGER idempotency_message AFTER DELETE ON message BEGIN
    DELETE FROM idempotency WHERE submission_id = OLD.submission_id;
END;

-- Where in the order of incoming messages each stands: a message that changes goes to the end.
CREATE TABLE incoming_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incoming_id INTEGER NOT NULL UNIQUE REFERENCES incoming (id) ON DELETE CASCADE
);
INSERT INTO incoming_change (incoming_id) SELECT id FROM incoming ORDER BY id;
CREATE TRIGGER incoming_came AFTER INSERT ON incoming BEGIN
    INSERT INTO incoming_change (incoming_id) VALUES (NEW.id);
END;
CREATE TRIGGER incoming_changed AFTER UPDATE OF received_at, missing ON incoming BEGIN
    DELETE FROM incoming_change WHERE incoming_id = NEW.id;
    INSERT INTO incoming_change (incoming_id) VALUES (NEW.id);
END;

-- How far each webhook has come.
CREATE TABLE webhook (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL, -- incoming_change.id of the last message that was passed on
    attempts INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    retry_at INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
