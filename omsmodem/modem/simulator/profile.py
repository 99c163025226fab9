"""How the simulated devices differ: what a profile can say. The devices themselves are in `devices`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Chatter:
    """A line that is said unasked: every `period_s`, or with None behind each answer; ended by `silenced_by`."""

    line: str
    period_s: float | None = None
    silenced_by: str = ""  # how a command line begins that ends it (until the next power-up)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of modem."""

    name: str
    manufacturer: str
    model: str
    revision: str
    imei: str = "356938035643809"
    # -- messages
    report_modes: frozenset[str] = frozenset({"0", "1", "2"})  # `<ds>` of +CNMI that are accepted
    report_modes_listed: frozenset[str] | None = None  # what +CNMI=? claims, where that differs
    indication_modes: frozenset[str] = frozenset({"0", "1", "2"})  # `<mode>` of +CNMI
    more_messages: str = "012"  # the modes of +CMMS; empty: it has none
    storages: tuple[str, ...] = ("SM", "ME", "SR")
    capacity: int = 50  # slots of ME and SR
    first_index: int = 1
    empty_slot_code: int | None = 321  # +CMGR of an empty slot; None: just OK
    memory_full: str = ""  # said when a message found no room, `{storage}` named
    # -- the line
    deaf_while_busy: bool = False  # ignores what comes during a command; else works it off behind it
    prompt_survives_error: bool = False  # a refused TPDU leaves the prompt open until ESC
    chatter_end: str = "\r\n"  # of the maker's own indications
    unnumbered_codes: frozenset[int] = frozenset()  # said in words although +CMEE=1
    chatter: tuple[Chatter, ...] = ()
    packed_ussd: bool = False  # +CUSD takes and gives packed septets in hexadecimal, until ^USSDMODE=0
    # -- power
    reenumerates: bool = True  # a reset takes its tty away (USB); else the tty stays (UART)
    boot_s: float = 3.0  # from power to the first answer
    sim_start_s: float = 0.5  # from power, and from the PIN, until the SIM answers
    sms_ready_s: float = 2.0  # from there until message commands work
    not_ready_code: int = 302  # +CMS ERROR until then
    boot_lines: tuple[tuple[float, str], ...] = ()  # seconds after boot, line
    lte: bool = False
    # -- commands
    lacking: frozenset[str] = frozenset()
    #: Fixed answers of this device, by command and form (`^CPIN?`); lines may name {imei}, {iccid}, {pin_tries} …
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
