"""The modems: missing, blocked, weak, refused, full, poor."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from omsmodem import figures
from omsmodem.facts import Facts, Finding, Level, ModemFacts
from omsmodem.health.thresholds import Thresholds

_POWER = "use a powered USB hub or a stronger supply, and a short cable"
_REPLUG = "pull the stick out and put it in again; recovery_hook can name a program that switches its power"
_ANTENNA = "check the antenna, and that the SIM is active with its operator"
#: Why a modem that answers cannot send → rule, what is said of it, what to do. Those of the rule `sim` wait for a person,
#: and no time makes them better.
BLOCKED: Mapping[str, tuple[str, str, str]] = {
    "pin": (
        "sim",
        "The SIM of modem {name} wants its PIN",
        "write the PIN into modems.pin_file, or type it in a phone",
    ),
    "puk": ("sim", "The SIM of modem {name} is locked and wants its PUK", "unlock it with the PUK in a phone"),
    "no_sim": ("sim", "The SIM of modem {name} is missing", "put the SIM in and plug the stick in again"),
    "sim_failure": (
        "sim",
        "The SIM of modem {name} cannot be used",
        "try the SIM in a phone; ask the operator for another",
    ),
    "sim_lock": ("sim", "The modem {name} is locked to another SIM or operator", "use a modem without SIM lock"),
    "denied": ("registration", "The network refuses modem {name}", "ask the operator whether the SIM is active"),
    "not_registered": ("registration", "Modem {name} has been without network{lasting}", _ANTENNA),
    "emergency_only": ("registration", "Modem {name} may make emergency calls only", "ask the operator about the SIM"),
    "roaming": (
        "registration",
        "Modem {name} is in a foreign network",
        "allow roaming in the configuration, or move it",
    ),
    "no_service_centre": (
        "service-centre",
        "Modem {name} knows no service centre",
        "ask the operator for its number and write it into modems.service_centre",
    ),
    "storage_full": ("storage", "The message storage of modem {name} is full", "omsmodem modem reset --modem {name}"),
}
_OTHER = ("modem-blocked", "Modem {name} cannot send", "omsmodem doctor")


def missing(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A modem that is not there, or cannot be won back."""
    for modem in facts.modems:
        if modem.state == "absent" and _lasting(modem, facts, limits.modem_missing):
            sentence = f"Modem {modem.name} has been missing{_for(modem, facts)}{_because(modem)}."
            yield Finding("modem-missing", Level.FAIL, sentence, "omsmodem doctor", modem.name)
        elif modem.given_up:
            tried = f"; tried in vain: {steps_in_words(modem)}" if modem.steps else ""
            sentence = f"Modem {modem.name} could not be won back: {modem.given_up.rstrip('.')}{tried}."
            yield Finding("modem-missing", Level.FAIL, sentence, _REPLUG, modem.name)


def restless(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """A stick that drops off the bus again and again."""
    for modem in facts.modems:
        if modem.restless:
            yield Finding("power", Level.WARN, f"Modem {modem.name}: {modem.restless}.", _POWER, modem.name)


def steps_in_words(modem: ModemFacts) -> str:
    """What was done to win a modem back since the service started, e.g. "reopen 3, reset 1"."""
    return ", ".join(f"{step} {count}" for step, count in modem.steps.items() if step != "alarm")


def blocked(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A modem that answers and cannot send."""
    for modem in facts.modems:
        rule, sentence, remedy = BLOCKED.get(modem.reason, _OTHER)
        patience = {"sim": timedelta(0), "registration": limits.not_registered}.get(rule, limits.modem_missing)
        if modem.state == "blocked" and _lasting(modem, facts, patience):
            words = sentence.format(name=modem.name, lasting=_for(modem, facts)) + _because(modem) + "."
            yield Finding(rule, Level.FAIL, words, remedy.format(name=modem.name), modem.name)


def weak_signal(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A signal that has been weak for long."""
    for modem in facts.modems:
        if modem.weak_since is not None and facts.now - modem.weak_since >= limits.weak_signal:
            level = f" ({modem.signal_dbm} dBm)" if modem.signal_dbm is not None else ""
            sentence = (
                f"Modem {modem.name} has had a weak signal{level} for {figures.since(modem.weak_since, facts.now)}."
            )
            remedy = "move the stick or its antenna to a window; a USB extension lead helps"
            yield Finding("signal", Level.WARN, sentence, remedy, modem.name)


def refusals(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """One refusal after another."""
    for modem in facts.modems:
        if modem.refusals_in_a_row >= limits.refusals_in_a_row:
            sentence = f"The last {modem.refusals_in_a_row} messages over modem {modem.name} were refused."
            yield Finding("send-errors", Level.FAIL, sentence, "omsmodem queue list --state failed", modem.name)


def storage(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A full storage keeps replies out."""
    for modem in facts.modems:
        used, size = modem.storage_used, modem.storage_size
        if used is not None and size and used * 100 >= size * limits.storage_percent:
            sentence = (
                f"The message storage of modem {modem.name} is nearly full ({used} of {size}): replies may not arrive."
            )
            yield Finding("storage", Level.WARN, sentence, f"omsmodem modem reset --modem {modem.name}", modem.name)


def balance(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A prepaid card that is nearly used up."""
    for modem in facts.modems:
        if modem.balance is not None and modem.balance < limits.balance_below:
            sentence = f"The SIM of modem {modem.name} has {modem.balance:.2f} left."
            yield Finding("balance", Level.WARN, sentence, "top up the SIM's credit", modem.name)


def _since(modem: ModemFacts, facts: Facts) -> datetime | None:
    """When a modem came into its state; one that was never anything else, when the service started."""
    return modem.since or facts.started_at


def _lasting(modem: ModemFacts, facts: Facts, least: timedelta) -> bool:
    since = _since(modem, facts)
    return since is None or facts.now - since >= least


def _for(modem: ModemFacts, facts: Facts) -> str:
    since = _since(modem, facts)
    return f" for {figures.since(since, facts.now)}" if since is not None else ""


def _because(modem: ModemFacts) -> str:
    return f": {modem.detail.rstrip('.')}" if modem.detail else ""
