"""From an open port to a modem that is ready to send: the steps that survive the devices we know (docs/modems.md)."""

import contextlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from omsmodem.modem import ask, registration, sim, usb_ids
from omsmodem.modem.errors import Blocked, BlockReason, CommandFailed, Unresponsive
from omsmodem.modem.machine import SerialLine
from omsmodem.modem.quirks import Quirk, quirk_of
from omsmodem.modem.registration import Registration
from omsmodem.modem.session import Session
from omsmodem.modem.sim import NO_PIN, Unlock
from omsmodem.modem.storage import Fill, Storage

_log = logging.getLogger(__name__)

#: May fail: a modem without them still sends.
_SETTINGS = ("ATZ", "ATE0", "ATV1", "AT+CMEE=1", "AT&D0")
#: Tried in order; the first accepted one holds. Reports routed, then stored, then none (TS 27.005 §3.4.1).
INDICATION_LADDER = ("2,1,0,1,0", "2,1,0,2,0", "1,1,0,1,0", "1,1,0,2,0", "3,1,0,1,0", "2,1,0,0,0")
_REPORTS_ONLY = ("2,0,0,1,0", "2,0,0,2,0")
_SETTING_TIMEOUT_S = 5.0
_RADIO_TIMEOUT_S = 30.0
#: From a SIM that is open to SMS commands that work.
SMS_WAIT_S = 30.0
_IMEI = re.compile(r"\d{14,16}")
_CENTRE = re.compile(r"\+?\d{3,20}")
_HEX_OF_DIGITS = re.compile(r"(?:00(?:2[BbDd]|3\d))+")


@dataclass(frozen=True, slots=True)
class Setup:
    """What bring-up may be told. `service_centre` overrides the SIM's, `known_service_centre` fills in for a missing one."""

    unlock: Unlock = NO_PIN
    roaming_allowed: bool = True
    service_centre: str | None = None
    known_service_centre: str | None = None
    storage: str | None = None
    search_wait_s: float = registration.SEARCH_WAIT_S
    line: Callable[[], SerialLine | None] = lambda: None  # the port in use, where this machine has it


@dataclass(frozen=True, slots=True)
class Identity:
    """What a modem says it is, and the serial number of its SIM; each empty when it does not tell."""

    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    imei: str = ""
    iccid: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """What bring-up found and chose."""

    identity: Identity
    quirk: Quirk
    registration: Registration
    service_centre: str
    fill: Fill | None
    indications: str | None  # the +CNMI setting that holds
    more_messages: (
        int  # +CMMS: 2 keeps the radio link between segments, 1 has to be said before each burst, 0: it has none
    )
    must_acknowledge: bool  # routed TPDUs want +CNMA, as +CSMS=1 is in force

    @property
    def reports(self) -> bool:
        """Whether delivery reports will be seen."""
        return self.indications is not None and self.indications.split(",")[3] != "0"


def bring_up(session: Session, storage: Storage, setup: Setup) -> Ready:
    """Make the modem ready to send. Everything is set anew each time. Raises Blocked in words, Unresponsive, PortLost."""
    session.begin_anew()
    session.resynchronise()
    _set(session, _SETTINGS)
    identity = identify(session)
    quirk = quirk_of(identity.manufacturer, identity.model)
    session.pace = quirk.pace
    _set(session, quirk.settings)
    _choose_indication_port(session, quirk, setup.line())
    _switch_radio_on(session)
    serial = sim.iccid(session, quirk.iccid)
    sim.open_sim(session, setup.unlock, counter=quirk.counter, serial=serial or f"in {identity.imei}")
    for command in ("AT+CREG=1", "AT+CEREG=1"):
        ask.attempt(session, command)
    _listen(session)
    found = registration.require(session, roaming_allowed=setup.roaming_allowed, wait_s=setup.search_wait_s)
    if found.lte_without_sms:
        _log.warning("%s", found.words)
    _choose_pdu_mode(session, quirk)
    must_acknowledge = _choose_service(session)
    centre = _service_centre(session, setup)
    fill = storage.choose(setup.storage)
    indications = _choose_indications(session)
    more_messages = _choose_more_messages(session) if quirk.more_messages else 0
    _learn_echo(session)
    return Ready(
        Identity(identity.manufacturer, identity.model, identity.revision, identity.imei, serial),
        quirk,
        found,
        centre,
        fill,
        indications,
        more_messages,
        must_acknowledge,
    )


def _set(session: Session, commands: tuple[str, ...]) -> None:
    """Settings that may be refused, or be ignored by a modem that has just started: those are said once more."""
    for command in commands:
        for _ in range(2):
            with contextlib.suppress(Unresponsive):
                ask.attempt(session, command, timeout_s=_SETTING_TIMEOUT_S)
                break


def _choose_indication_port(session: Session, quirk: Quirk, line: SerialLine | None) -> None:
    """Let indications come on the port that we have. The modem keeps it in its flash: set only where it is another one."""
    port = quirk.indication_port
    if port is None or line is None:
        return
    own = line.usb is not None and line.usb.vendor in usb_ids.MODEM_MAKERS
    wanted = port.by_interface.get(line.interface or 0) if own else port.uart
    told = ask.information(session, port.command, port.prefix)
    if wanted and told and not any(f'"{value}"' in told[0] for value in (wanted, port.everywhere)):
        ask.attempt(session, f'{port.command},"{wanted}"')


def identify(session: Session) -> Identity:
    """Ask a modem who it is (TS 27.007 §5). Raises Unresponsive, PortLost."""
    manufacturer, model, revision = (ask.word(session, command) for command in ("AT+CGMI", "AT+CGMM", "AT+CGMR"))
    imei = _IMEI.search(ask.word(session, "AT+CGSN"))
    return Identity(manufacturer, model, revision, imei[0] if imei else "")


def _switch_radio_on(session: Session) -> None:
    """Full functionality (TS 27.007 §8.2); below it the SIM may not even be powered."""
    values = ask.information(session, "AT+CFUN?", "+CFUN:")
    if values and not values[0].startswith("1") and not ask.attempt(session, "AT+CFUN=1", timeout_s=_RADIO_TIMEOUT_S):
        raise Blocked("the radio is off and cannot be switched on (AT+CFUN=1)", BlockReason.NOT_REGISTERED)


def _choose_pdu_mode(session: Session, quirk: Quirk) -> None:
    try:
        ask.patiently(session, "AT+CMGF=0", wait_s=SMS_WAIT_S, starting=True, wake=quirk.ready)
    except CommandFailed as error:
        raise Blocked(f"the modem does not support PDU mode ({error.result})", BlockReason.NO_PDU_MODE) from error


def _choose_service(session: Session) -> bool:
    """Let the modem acknowledge deliveries itself (+CSMS=0); whether we must, because it does not let go of phase 2+."""
    if ask.attempt(session, "AT+CSMS=0"):
        return False
    return any(value.startswith("1,") for value in ask.information(session, "AT+CSMS?", "+CSMS:"))


def _service_centre(session: Session, setup: Setup) -> str:
    """The service centre in force (TS 27.005 §3.3.1), after setting the configured or, for want of any, the known one."""
    told = _read_service_centre(session)
    wanted = setup.service_centre or (setup.known_service_centre if told == "" else None)
    if wanted and wanted != told:
        if _CENTRE.fullmatch(wanted) is None:
            raise Blocked(f"{wanted} is no number of a service centre", BlockReason.NO_SERVICE_CENTRE)
        kind = 145 if wanted.startswith("+") else 129
        if ask.attempt(session, f'AT+CSCA="{wanted}",{kind}'):
            told = _read_service_centre(session) or wanted
    if told == "":
        raise Blocked(
            "the SIM names no service centre: configure the one of its operator", BlockReason.NO_SERVICE_CENTRE
        )
    return told or ""


def _read_service_centre(session: Session) -> str | None:
    """The number; empty when there is none, None when the modem does not tell."""
    try:
        answer = ask.patiently(session, "AT+CSCA?", prefix="+CSCA:", wait_s=SMS_WAIT_S, starting=True)
    except CommandFailed:
        return None
    for value in ask.values(answer, "+CSCA:"):
        number = value.split(",")[0].strip(' "')
        if _HEX_OF_DIGITS.fullmatch(number):  # the terminal's character set was left at UCS2
            number = bytes.fromhex(number).decode("utf-16-be")
        international = value.rstrip().endswith(",145") and number and not number.startswith("+")
        return f"+{number}" if international else number
    return None


def _listen(session: Session) -> None:
    """Reports that the network held for us it sends as soon as it has us again, and nothing keeps them.

    Texts the modem keeps, and they are not told of yet: where is chosen later. Early, so it may be refused.
    """
    if ask.attempt(session, "AT+CMGF=0"):
        _ = any(ask.attempt(session, f"AT+CNMI={setting}") for setting in _REPORTS_ONLY)


def _choose_indications(session: Session) -> str | None:
    for setting in INDICATION_LADDER:
        if ask.attempt(session, f"AT+CNMI={setting}"):
            if setting == INDICATION_LADDER[-1]:
                _log.warning("this modem gives no delivery reports")
            return setting
    _log.warning("this modem gives no indications: incoming messages are found by looking, reports are not")
    return None


def _choose_more_messages(session: Session) -> int:
    """How the radio link is kept between segments (TS 27.005 §3.5.6)."""
    return next((mode for mode in (2, 1) if ask.attempt(session, f"AT+CMMS={mode}")), 0)


def _learn_echo(session: Session) -> None:
    """Know whether the echo is off, so that one that comes back tells of a restart."""
    ask.attempt(session, "AT")
    session.echo_off = not session.echoes
