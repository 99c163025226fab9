"""What is known of the modems and their SIMs, and what a person said about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from omsmodem.store import audit, rows
from omsmodem.store.face import Face
from omsmodem.store.usage import Period, counted

#: Sightings closer than this are one, unless the registration changed; older ones than this are forgotten.
SIGHTING_EVERY = timedelta(minutes=10)
SIGHTINGS_KEPT = timedelta(days=31)


class Control(StrEnum):
    """A person's word on a modem."""

    OPEN = "open"  # in use
    HELD = "held"  # takes nothing
    DRAINING = "draining"  # finishes the messages it has begun, takes no other


@dataclass(frozen=True, slots=True)
class Word:
    """Who said what about a modem, and when."""

    control: Control = Control.OPEN
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """How a modem heard its network at one moment; `dbm` None when it could not tell."""

    modem: str
    at: datetime
    dbm: int | None
    registration: str


class Modems(Face):
    """Everything of the store that is about modems rather than messages."""

    # -- a person's word --------------------------------------------------------------------------------------------

    def word(self, modem: str) -> Word:
        """What a person last said about `modem`."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM modem_control WHERE modem = ?", (modem,)).fetchone()
        return Word() if row is None else Word(Control(row["control"]), row["by"], rows.from_ms(row["at"]))

    def say(self, modem: str, control: Control, by: str) -> None:
        """Hold, drain or open a modem, until the opposite is said."""
        with self._database.transaction() as connection:
            now = self._now_ms()
            if control is Control.OPEN:
                connection.execute("DELETE FROM modem_control WHERE modem = ?", (modem,))
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO modem_control (modem, control, by, at) VALUES (?, ?, ?, ?)",
                    (modem, control, by, now),
                )
            audit.record(connection, now, by, control, f"modem {modem}")

    # -- segments handed over ---------------------------------------------------------------------------------------

    def used(self, sim: str, period: Period) -> int:
        """Segments handed over with `sim` in a period."""
        with self._database.reading() as connection:
            return counted(connection, sim, period)

    # -- SIMs -------------------------------------------------------------------------------------------------------

    def tried(self, iccid: str, pin_digest: str) -> bool:
        """Whether this PIN was entered into this SIM and is not known to be right."""
        with self._database.reading() as connection:
            query = "SELECT 1 FROM pin_tried WHERE iccid = ? AND digest = ?"
            return connection.execute(query, (iccid, pin_digest)).fetchone() is not None

    def remember(self, iccid: str, pin_digest: str) -> None:
        """Keep durably that this PIN is about to be entered."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO pin_tried (iccid, digest, at) VALUES (?, ?, ?)",
                (iccid, pin_digest, self._now_ms()),
            )

    def forget(self, iccid: str, pin_digest: str) -> None:
        """The PIN was right: it may be entered again after the next start."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM pin_tried WHERE iccid = ? AND digest = ?", (iccid, pin_digest))

    def sims_tried(self) -> list[str]:
        """The SIMs into which a PIN was entered that is not known to be right."""
        with self._database.reading() as connection:
            return [row["iccid"] for row in connection.execute("SELECT DISTINCT iccid FROM pin_tried").fetchall()]

    def service_centre(self, iccid: str) -> str | None:
        """The last service centre that worked with this SIM."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT number FROM service_centre WHERE iccid = ?", (iccid,)).fetchone()
        return None if row is None else str(row["number"])

    def keep_service_centre(self, iccid: str, number: str) -> None:
        """Remember the service centre that a message went out by."""
        if self.service_centre(iccid) == number:
            return
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO service_centre (iccid, number, at) VALUES (?, ?, ?)",
                (iccid, number, self._now_ms()),
            )

    # -- the network as seen ----------------------------------------------------------------------------------------

    def see(self, modem: str, dbm: int | None, registration: str) -> None:
        """Remember how a modem hears its network; thinned to what a page can show."""
        last = self.sightings(modem, limit=1)
        now = self._clock()
        if last and last[0].registration == registration and now - last[0].at < SIGHTING_EVERY:
            return
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM sighting WHERE modem = ? AND at < ?", (modem, rows.to_ms(now - SIGHTINGS_KEPT))
            )
            connection.execute(
                "INSERT OR REPLACE INTO sighting (modem, at, dbm, registration) VALUES (?, ?, ?, ?)",
                (modem, rows.to_ms(now), dbm, registration),
            )

    def sightings(self, modem: str, *, limit: int = 500) -> list[Sighting]:
        """How `modem` heard its network, newest first."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT * FROM sighting WHERE modem = ? ORDER BY at DESC LIMIT ?", (modem, limit)
            ).fetchall()
        return [Sighting(row["modem"], rows.from_ms(row["at"]), row["dbm"], row["registration"]) for row in found]
