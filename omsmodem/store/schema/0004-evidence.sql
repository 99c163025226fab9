-- Evidence, people's decisions, and what is known of the modems. Moments are milliseconds since 1970, UTC.

ALTER TABLE message ADD COLUMN held_by TEXT;
ALTER TABLE message ADD COLUMN held_at INTEGER;
ALTER TABLE message ADD COLUMN bound_to TEXT;        -- a segment of it was, or may have been, sent over this modem
ALTER TABLE message ADD COLUMN report_until INTEGER; -- submitted: until then reports are waited for
CREATE INDEX message_report ON message (report_until) WHERE report_until IS NOT NULL;

ALTER TABLE segment ADD COLUMN handed_at INTEGER;    -- when it was last in flight
ALTER TABLE segment ADD COLUMN questioned_at INTEGER; -- handed over then, and refused in a way a modem may have made up
CREATE INDEX segment_questioned ON segment (recipient_tail, modem, questioned_at) WHERE questioned_at IS NOT NULL;
CREATE INDEX segment_report ON segment (modem, message_reference, recipient_tail, state, submitted_at);
CREATE INDEX segment_doubt ON segment (recipient_tail, modem) WHERE state = 'uncertain';
CREATE INDEX message_begun ON message (bound_to, due_at, id) WHERE state = 'queued' AND bound_to IS NOT NULL;

-- Status reports that no segment claims yet.
CREATE TABLE report (
    id INTEGER PRIMARY KEY,
    modem TEXT NOT NULL,
    message_reference INTEGER NOT NULL,
    recipient_tail TEXT NOT NULL,
    status INTEGER NOT NULL,
    outcome TEXT,
    received_at INTEGER NOT NULL,
    words TEXT NOT NULL
);
CREATE INDEX report_unclaimed ON report (modem, recipient_tail);
CREATE INDEX report_age ON report (received_at);

-- What people did, for those who ask later who did it.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject, id);

-- A person's word on a modem: held takes nothing, draining only finishes what it began. No row: in use.
CREATE TABLE modem_control (
    modem TEXT PRIMARY KEY,
    control TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- Segments handed over, by SIM, in each minute, day and month that was asked about.
CREATE TABLE usage (
    sim TEXT NOT NULL,
    period TEXT NOT NULL,
    since INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    PRIMARY KEY (sim, period, since)
) WITHOUT ROWID;

-- PINs that were entered without success known (a digest, no PIN), and the last service centre that worked, by ICCID.
CREATE TABLE pin_tried (iccid TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (iccid, digest)) WITHOUT ROWID;
CREATE TABLE service_centre (iccid TEXT PRIMARY KEY, number TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

-- How a modem heard its network.
CREATE TABLE sighting (
    modem TEXT NOT NULL,
    at INTEGER NOT NULL,
    dbm INTEGER,
    registration TEXT NOT NULL,
    PRIMARY KEY (modem, at)
) WITHOUT ROWID;
