-- What came from the air and whose it is. Moments are milliseconds since 1970, UTC.

CREATE TABLE incoming (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    modem TEXT NOT NULL,
    sim TEXT NOT NULL,
    originator TEXT NOT NULL,
    answerable INTEGER NOT NULL,
    text TEXT NOT NULL,
    octets BLOB NOT NULL,
    sent_at INTEGER,
    zone_minutes INTEGER NOT NULL DEFAULT 0, -- the service centre's offset from UTC
    received_at INTEGER NOT NULL,
    total INTEGER NOT NULL,
    missing TEXT NOT NULL,                   -- numbers of segments, separated by commas
    replaces INTEGER,
    account TEXT NOT NULL,
    rule TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX incoming_originator ON incoming (originator, id);
CREATE INDEX incoming_lately ON incoming (originator, received_at);
CREATE INDEX incoming_account ON incoming (account, id);

CREATE TRIGGER tally_receive AFTER INSERT ON incoming BEGIN
    INSERT INTO tally VALUES (NEW.received_at / 900000, 'received', 1)
        ON CONFLICT (quarter, what) DO UPDATE SET count = count + 1;
END;

CREATE TABLE incoming_segment (
    id INTEGER PRIMARY KEY,
    identity BLOB NOT NULL,
    content BLOB NOT NULL,
    tpdu BLOB NOT NULL,
    modem TEXT NOT NULL,
    sim TEXT NOT NULL,
    originator TEXT NOT NULL,
    answerable INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sent_at INTEGER,
    zone_minutes INTEGER NOT NULL,
    reference INTEGER,
    wide INTEGER,
    total INTEGER NOT NULL,
    number INTEGER NOT NULL,
    replaces INTEGER,
    detail TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    incoming_id INTEGER REFERENCES incoming (id) ON DELETE CASCADE
);
CREATE INDEX incoming_segment_identity ON incoming_segment (identity, received_at);
CREATE INDEX incoming_segment_open ON incoming_segment (received_at) WHERE incoming_id IS NULL;
CREATE INDEX incoming_segment_set ON incoming_segment (sim, originator, reference, wide, total) WHERE reference IS NOT NULL;
CREATE INDEX incoming_segment_message ON incoming_segment (incoming_id);

-- Octets that no rule of the standard reads: kept for the operator, so that they are neither lost nor read for ever.
CREATE TABLE undecodable (
    id INTEGER PRIMARY KEY,
    tpdu BLOB NOT NULL UNIQUE,
    modem TEXT NOT NULL,
    why TEXT NOT NULL,
    received_at INTEGER NOT NULL
);

-- Numbers that asked not to be texted: by one account, or (account empty) by anybody.
CREATE TABLE opt_out (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    since INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (number, account)
) WITHOUT ROWID;

CREATE TABLE auto_reply (number TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (number, day)) WITHOUT ROWID;

CREATE INDEX message_correspondence ON message (recipient, account, not_before) WHERE modem IS NOT NULL;

-- What the operator was told is wrong, until it ends. One-off reports have no end and are told once a day at most.
CREATE TABLE alarm (
    key TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    since INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    lasting INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
