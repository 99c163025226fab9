"""What an office user reads when something is refused, in every language the service speaks. Standard library only.

A sentence fits in one line of about 200 characters, names what to do where there is something to do, and no internals.
Where [MS-OMS] wants a bare fact as the content of an error (a limit, a service's name), the sentence is that fact.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from omsmodem.message import Notice, Reason, Refusal

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_ENGLISH: Mapping[Reason | Notice, str] = {
    Reason.INVALID_USER: "The user name or the password is wrong.",
    Reason.UNKNOWN_ACCOUNT: "There is no account {name}.",
    Reason.ACCOUNT_DISABLED: "This account is switched off.",
    Reason.NOT_REGISTERED: "This account may not send text messages.",
    Reason.INVALID_RECIPIENT: "Not a dialable mobile number.",
    Reason.NO_COUNTRY: "Write the number with + and the country code.",
    Reason.EMERGENCY_NUMBER: "Emergency numbers cannot be texted from here.",
    Reason.RECIPIENT_NOT_ALLOWED: "This service does not send to that number.",
    Reason.COSTLY_NUMBER: "This service does not send to premium rate numbers.",
    Reason.COUNTRY_NOT_ALLOWED: "This service sends only to numbers in {countries}.",
    Reason.NOT_MOBILE: "This is a landline or service number; give a mobile one.",
    Reason.OPTED_OUT: "The recipient asked not to get texts from here.",
    Reason.NO_RECIPIENT: "The message names no recipient.",
    Reason.TOO_MANY_RECIPIENTS: "At most {most} recipients are allowed; {given} were given.",
    Reason.TOO_MANY_TEXTS: "At most {most} texts are allowed in one send; {given} were given.",
    Reason.EMPTY_TEXT: "The message is empty.",
    Reason.TEXT_TOO_LONG: "{single} single-byte or {double} double-byte characters",
    Reason.INVALID_CHARACTER: "The text holds characters that a text message cannot carry.",
    Reason.BAD_SCHEDULE: "Not a time within a year: {value}",
    Reason.QUOTA_MINUTE: "At most {segments} SMS a minute; try again in a minute.",
    Reason.QUOTA_DAY: "{segments} SMS",
    Reason.QUOTA_MONTH: "{segments} SMS",
    Reason.SOURCE_BLOCKED: "Messages of the kind {kind} are switched off.",
    Reason.QUIET_HOURS: "Automatic messages are not sent between {start} and {end}.",
    Reason.BUSY: "The service is busy; try again in a minute.",
    Reason.UNAVAILABLE: "The service cannot store messages now; try again later.",
    Reason.NO_NETWORK: "The modem has no network; try again later.",
    Reason.SERVICE_NOT_OFFERED: "{service}",
    Reason.SERVICE_CEASED: "This service has ended.",
    Reason.UNREADABLE: "The request could not be read ({why}).",
    Reason.EMPTY_BATCH: "The batch holds no message.",
    Reason.BATCH_TOO_LARGE: "At most {most} messages are allowed in one batch.",
    Reason.FAULT: "The service failed at this message; its operator finds the reason in the log.",
    Notice.NOT_SCHEDULED: "Sent at once; this service does not delay messages.",
    Notice.SERVICE_UPDATE: "{moment}",
}

_GERMAN: Mapping[Reason | Notice, str] = {
    Reason.INVALID_USER: "Benutzername oder Kennwort ist falsch.",
    Reason.UNKNOWN_ACCOUNT: "Es gibt kein Konto {name}.",
    Reason.ACCOUNT_DISABLED: "Dieses Konto ist abgeschaltet.",
    Reason.NOT_REGISTERED: "Dieses Konto darf keine SMS senden.",
    Reason.INVALID_RECIPIENT: "Keine wählbare Mobilnummer.",
    Reason.NO_COUNTRY: "Bitte die Nummer mit + und Landesvorwahl schreiben.",
    Reason.EMERGENCY_NUMBER: "An Notrufnummern werden von hier keine SMS gesendet.",
    Reason.RECIPIENT_NOT_ALLOWED: "Dieser Dienst sendet nicht an diese Nummer.",
    Reason.COSTLY_NUMBER: "Dieser Dienst sendet nicht an Sonderrufnummern.",
    Reason.COUNTRY_NOT_ALLOWED: "Dieser Dienst sendet nur an Nummern in {countries}.",
    Reason.NOT_MOBILE: "Das ist eine Festnetz- oder Servicenummer; bitte eine Mobilnummer angeben.",
    Reason.OPTED_OUT: "Der Empfänger möchte von hier keine SMS erhalten.",
    Reason.NO_RECIPIENT: "Die Nachricht nennt keinen Empfänger.",
    Reason.TOO_MANY_RECIPIENTS: "Höchstens {most} Empfänger sind erlaubt; es waren {given}.",
    Reason.TOO_MANY_TEXTS: "Höchstens {most} Texte sind auf einmal erlaubt; es waren {given}.",
    Reason.EMPTY_TEXT: "Die Nachricht ist leer.",
    Reason.TEXT_TOO_LONG: "{single} einfache oder {double} Doppelbyte-Zeichen",
    Reason.INVALID_CHARACTER: "Der Text enthält Zeichen, die eine SMS nicht tragen kann.",
    Reason.BAD_SCHEDULE: "Kein Zeitpunkt innerhalb eines Jahres: {value}",
    Reason.QUOTA_MINUTE: "Höchstens {segments} SMS in der Minute; bitte in einer Minute wieder versuchen.",
    Reason.QUOTA_DAY: "{segments} SMS",
    Reason.QUOTA_MONTH: "{segments} SMS",
    Reason.SOURCE_BLOCKED: "Nachrichten der Art {kind} sind abgeschaltet.",
    Reason.QUIET_HOURS: "Automatische Nachrichten werden zwischen {start} und {end} Uhr nicht gesendet.",
    Reason.BUSY: "Der Dienst ist ausgelastet; bitte in einer Minute wieder versuchen.",
    Reason.UNAVAILABLE: "Der Dienst kann gerade keine Nachrichten speichern; bitte später wieder versuchen.",
    Reason.NO_NETWORK: "Das Modem hat kein Netz; bitte später wieder versuchen.",
    Reason.SERVICE_NOT_OFFERED: "{service}",
    Reason.SERVICE_CEASED: "Diesen Dienst gibt es nicht mehr.",
    Reason.UNREADABLE: "Die Anfrage war nicht lesbar ({why}).",
    Reason.EMPTY_BATCH: "Das Paket enthält keine Nachricht.",
    Reason.BATCH_TOO_LARGE: "Höchstens {most} Nachrichten sind in einem Paket erlaubt.",
    Reason.FAULT: "Der Dienst ist an dieser Nachricht gescheitert; sein Betreiber findet den Grund im Protokoll.",
    Notice.NOT_SCHEDULED: "Sofort gesendet; dieser Dienst verzögert keine Nachrichten.",
    Notice.SERVICE_UPDATE: "{moment}",
}

_SENTENCES: Mapping[Language, Mapping[Reason | Notice, str]] = {"en": _ENGLISH, "de": _GERMAN}


#: Whose sentence for Outlook, which has words of its own around it, is a bare fact.
_AROUND: Mapping[Reason, str] = {
    Reason.QUOTA_DAY: "At most {detail} a day may be sent.",
    Reason.QUOTA_MONTH: "At most {detail} a month may be sent.",
    Reason.TEXT_TOO_LONG: "The text is too long: at most {detail}.",
}


def whole(refusal: Refusal) -> str:
    """The sentence of a refusal for everybody but Outlook."""
    return _AROUND.get(refusal.reason, "{detail}").format(detail=refusal.detail)


def sentence(what: Reason | Notice, language: Language = "en", **facts: object) -> str:
    """What to tell a person of a refusal or a notice; `facts` are the values the sentence names."""
    return _SENTENCES[language][what].format_map(facts)
