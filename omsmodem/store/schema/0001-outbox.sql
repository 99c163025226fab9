-- What was accepted, how it was cut, what became of it. Moments are milliseconds since 1970, UTC.

CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    door TEXT NOT NULL,
    client TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    accepted_at INTEGER NOT NULL
);
CREATE INDEX submission_fingerprint ON submission (fingerprint, accepted_at);

CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id INTEGER NOT NULL REFERENCES submission (id),
    account TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER,
    modem TEXT,
    last_error TEXT,
    updated_at INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    doubt_until INTEGER
);
CREATE INDEX message_due ON message (state, due_at, id);
CREATE INDEX message_expiry ON message (expires_at) WHERE state = 'queued';
CREATE INDEX message_doubt ON message (doubt_until) WHERE state = 'uncertain';
CREATE INDEX message_submission ON message (submission_id);

CREATE TABLE segment (
    message_id INTEGER NOT NULL REFERENCES message (id),
    number INTEGER NOT NULL,
    total INTEGER NOT NULL,
    tpdu BLOB NOT NULL,
    state TEXT NOT NULL,
    modem TEXT,
    recipient_tail TEXT NOT NULL,
    message_reference INTEGER,
    submitted_at INTEGER,
    status INTEGER,
    reported_at INTEGER,
    repeats INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, number)
) WITHOUT ROWID;
CREATE INDEX segment_flying ON segment (modem) WHERE state = 'in_flight';

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id),
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX event_message ON event (message_id, id);

CREATE TABLE concatenation_reference (recipient TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE ledger (state TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER ledger_accept AFTER INSERT ON message BEGIN
    INSERT INTO ledger VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ledger_move AFTER UPDATE OF state ON message WHEN OLD.state <> NEW.state BEGIN
    UPDATE ledger SET count = count - 1 WHERE state = OLD.state;
    INSERT INTO ledger VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ledger_erase AFTER DELETE ON message BEGIN
    UPDATE ledger SET count = count - 1 WHERE state = OLD.state;
END;
