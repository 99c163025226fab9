"""All rules, in the order in which their findings are told."""

from omsmodem.facts import Facts, Finding
from omsmodem.health import messages, modems, service, surroundings
from omsmodem.health.thresholds import Rule, Thresholds

RULES: tuple[Rule, ...] = (
    service.down,
    service.no_modem,
    modems.missing,
    modems.blocked,
    modems.restless,
    messages.queue_stands,
    modems.refusals,
    messages.failures,
    messages.uncertain,
    modems.weak_signal,
    modems.storage,
    modems.balance,
    surroundings.sim_expiry,
    messages.quotas,
    surroundings.certificate,
    surroundings.mail,
    surroundings.doors,
    surroundings.webhooks,
    surroundings.guessing,
    service.disk,
    service.backup,
    service.clock,
    surroundings.legacy,
)


def examine(facts: Facts, thresholds: Thresholds | None = None) -> list[Finding]:
    """Everything somebody should know, worst first."""
    chosen = thresholds or Thresholds()
    found = [finding for rule in RULES for finding in rule(facts, chosen)]
    return sorted(found, key=lambda finding: -finding.level)
