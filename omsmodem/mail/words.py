"""The words of our mails, in every language the service speaks."""

from collections.abc import Mapping

from omsmodem.mail.reasons import Remedy
from omsmodem.wording import Language

_ENGLISH: Mapping[str, str] = {
    "reply": "SMS from {who}",
    "reply_incomplete": "SMS from {who} (parts are missing)",
    "reply_completed": "SMS from {who} (now complete)",
    "data": "Data message from {who}",
    "data_body": "An SMS that holds no text came from {who} ({detail}). Its octets:\n\n{octets}",
    "waiting": "{detail} (SIM of {modem})",
    "waiting_body": "The network says to the SIM in {modem}: {detail}.",
    "earlier": "---------- earlier ----------",
    "not_sent_one": "SMS to {who} was not sent",
    "not_delivered_one": "SMS to {who} was not delivered",
    "doubt_one": "SMS to {who}: not certain that it was sent",
    "repeated_one": "SMS to {who} may have arrived twice",
    "delivered_one": "SMS to {who} was delivered",
    "not_arrived": "SMS did not reach {count} of {total} recipients",
    "doubt": "SMS: not certain for {count} of {total} recipients",
    "repeated": "SMS may have arrived twice at {count} of {total} recipients",
    "delivered": "SMS was delivered to {count} of {total} recipients",
    "accepted": "Accepted {moment}:",
    "not_sent": "It was not sent to",
    "not_delivered": "The network took it, but it did not reach",
    "is_doubtful": "It is not certain that it was sent to",
    "was_repeated": "The modem gave no clear answer, so it was sent again and may have arrived twice at",
    "was_delivered": "It was delivered to",
    "attempts": "after {count} attempts",
    "attempt": "after 1 attempt",
    "decide": "Ask the recipient whether it arrived. Whoever looks after the service then decides:",
    "resend": "send it again; it may arrive twice",
    "sent": "it did arrive",
    "give-up": "leave it as it is",
    "history": "Its history, on the machine of the service:",
    Remedy.CHECK_NUMBER: "Check the number: the network does not know it, or it is no mobile phone's.",
    Remedy.TRY_LATER: "Send it again later, or call.",
    Remedy.UNREACHABLE: "The phone was switched off, out of reach or full. Send it again later, or call.",
    Remedy.PLAINER: "The network does not take these characters: send it without other scripts, symbols and emoji.",
    "advice": "For whoever looks after the service: {advice}",
    Remedy.BARRED: "The network does not let this SIM text this number. Call, or ask whoever looks after the service.",
    Remedy.OPERATOR: "Tell whoever looks after the service; the reason above says where to look.",
    Remedy.RESPECT: "Please respect that. Whoever looks after the service can lift it: omsmodem optout lift {number}",
}

_GERMAN: Mapping[str, str] = {
    "reply": "SMS von {who}",
    "reply_incomplete": "SMS von {who} (Teile fehlen)",
    "reply_completed": "SMS von {who} (jetzt vollständig)",
    "data": "Datennachricht von {who}",
    "data_body": "Von {who} kam eine SMS ohne Text ({detail}). Ihre Oktette:\n\n{octets}",
    "waiting": "{detail} (SIM in {modem})",
    "waiting_body": "Das Netz meldet der SIM in {modem}: {detail}.",
    "earlier": "---------- früher ----------",
    "not_sent_one": "SMS an {who} wurde nicht gesendet",
    "not_delivered_one": "SMS an {who} wurde nicht zugestellt",
    "doubt_one": "SMS an {who}: unsicher, ob sie gesendet wurde",
    "repeated_one": "SMS an {who} ist vielleicht zweimal angekommen",
    "delivered_one": "SMS an {who} wurde zugestellt",
    "not_arrived": "SMS hat {count} von {total} Empfängern nicht erreicht",
    "doubt": "SMS: unsicher bei {count} von {total} Empfängern",
    "repeated": "SMS ist bei {count} von {total} Empfängern vielleicht zweimal angekommen",
    "delivered": "SMS wurde {count} von {total} Empfängern zugestellt",
    "accepted": "Angenommen {moment}:",
    "not_sent": "Nicht gesendet wurde sie an",
    "not_delivered": "Das Netz nahm sie an, sie erreichte aber nicht",
    "is_doubtful": "Es ist unsicher, ob sie gesendet wurde an",
    "was_repeated": "Das Modem antwortete nicht eindeutig; sie wurde noch einmal gesendet und kam vielleicht zweimal an bei",
    "was_delivered": "Zugestellt wurde sie an",
    "attempts": "nach {count} Versuchen",
    "attempt": "nach 1 Versuch",
    "decide": "Bitte den Empfänger fragen, ob sie ankam. Wer den Dienst betreut, entscheidet dann:",
    "resend": "noch einmal senden; sie kommt vielleicht zweimal an",
    "sent": "sie ist angekommen",
    "give-up": "es dabei belassen",
    "history": "Ihr Verlauf, auf dem Rechner des Dienstes:",
    Remedy.CHECK_NUMBER: "Bitte die Nummer prüfen: das Netz kennt sie nicht, oder sie gehört zu keinem Mobiltelefon.",
    Remedy.TRY_LATER: "Bitte später noch einmal senden oder anrufen.",
    Remedy.UNREACHABLE: "Das Telefon war aus, ohne Netz oder voll. Bitte später noch einmal senden oder anrufen.",
    Remedy.PLAINER: "Das Netz nimmt diese Zeichen nicht: bitte ohne andere Schriften, Symbole und Emoji senden.",
    "advice": "Für den Betreuer des Dienstes: {advice}",
    Remedy.BARRED: "Das Netz lässt von dieser SIM keine SMS an diese Nummer zu. Bitte anrufen oder den Betreuer des Dienstes fragen.",
    Remedy.OPERATOR: "Bitte dem Betreuer des Dienstes sagen; der Grund oben sagt, wo zu suchen ist.",
    Remedy.RESPECT: "Bitte respektieren. Wer den Dienst betreut, kann es aufheben: omsmodem optout lift {number}",
}

_WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "de": _GERMAN}


def say(key: str, language: Language, **facts: object) -> str:
    """The words of `key`, with the values they name."""
    return _WORDS[language][key].format_map(facts)
