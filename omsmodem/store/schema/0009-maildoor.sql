-- The mail that a submission began as: answers join its thread, failures go to its sender.

CREATE TABLE origin (
    submission_id INTEGER PRIMARY KEY REFERENCES submission (id) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    message_id TEXT NOT NULL,
    thread TEXT NOT NULL,      -- the Message-IDs of References, separated by spaces
    subject TEXT NOT NULL,
    envelope_id TEXT NOT NULL  -- ENVID (RFC 3461)
);
CREATE TRIGGER origin_text AFTER UPDATE OF text ON message WHEN NEW.text = '' BEGIN
    UPDATE origin SET subject = '' WHERE submission_id = NEW.submission_id;
END;
