-- What people are told by mail. Moments are milliseconds since 1970, UTC.

-- What its sender wants to be told of a submission: off, failures, all.
ALTER TABLE submission ADD COLUMN confirm TEXT NOT NULL DEFAULT 'failures';

CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    account TEXT NOT NULL,
    submission_id INTEGER REFERENCES submission (id) ON DELETE CASCADE,
    incoming_id INTEGER REFERENCES incoming (id) ON DELETE CASCADE,
    subject TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    token TEXT NOT NULL DEFAULT (lower(hex(randomblob(8)))),
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    quiet_from INTEGER NOT NULL DEFAULT 0, -- gathering: when the last outcome joined
    complete INTEGER NOT NULL DEFAULT 0,   -- gathering: no message of the submission can join any more
    waiting_since INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    sent_at INTEGER
);
CREATE INDEX notice_waiting ON notice (due_at, id) WHERE state = 'waiting';
CREATE INDEX notice_state ON notice (state, id);
CREATE UNIQUE INDEX notice_gathering ON notice (submission_id) WHERE state = 'gathering';
CREATE INDEX notice_submission ON notice (submission_id) WHERE submission_id IS NOT NULL;
CREATE INDEX notice_incoming ON notice (incoming_id) WHERE incoming_id IS NOT NULL;

CREATE TABLE outcome (
    notice_id INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (notice_id, message_id)
) WITHOUT ROWID;
CREATE INDEX outcome_message ON outcome (message_id);
