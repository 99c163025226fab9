"""The five operations of [MS-OMS] over a gate."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from omsmodem.message import Door, Notice, Profile, Reason, Receipt, Refusal, Submission
from omsmodem.soap import moments, oms
from omsmodem.soap.errors import CODES, DocumentError, OmsError, SoapFault, errors_of, user_code
from omsmodem.soap.oms import DECLARATIONS, SMS, DeclarationStyle, ServiceInfo, XmsData, XmsUser
from omsmodem.wording import Language, sentence

_log = logging.getLogger(__name__)

#: SharePoint's own limit is unknown; what is beyond this is refused in its place.
MAX_BATCH = 200
#: What the gate said of each user and password within one call.
_Known = dict[tuple[str, str], Profile | Refusal]


class Gate(Protocol):
    """What this room needs of the one that accepts messages."""

    def identify(self, user: str, password: str, source: str) -> Profile | Refusal:
        """Who a user is, or why not."""

    def submit(self, submission: Submission, password: str) -> Receipt:
        """Authorise and accept."""

    def submit_all(self, claims: Sequence[tuple[Submission, str]]) -> list[Receipt]:
        """The same for many, with one commit."""


class _Claim(NamedTuple):
    """A message for the gate, and the password that came with it."""

    submission: Submission
    password: str


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Service:
    """Operation and parameter in, answer document out. `source` is the caller's address."""

    def __init__(
        self,
        info: ServiceInfo,
        gate: Gate,
        *,
        language: Language = "en",
        declaration: DeclarationStyle = "utf-8",
        max_batch: int = MAX_BATCH,
        horizon: timedelta = moments.HORIZON,
        ceased: bool = False,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.info = info
        self._gate = gate
        self._language: Language = language
        self._declaration = DECLARATIONS[declaration]
        self._max_batch = max_batch
        self._horizon = horizon
        self._ceased = ceased
        self._clock = clock
        self._since = clock()
        self._service_info_document = oms.write_service_info(info)
        self._operations: dict[str, Callable[[str, str], str]] = {
            "GetServiceInfo": self._service_info,
            "GetUserInfo": self._user_info,
            "DeliverXms": self._deliver,
            "SendXms": self._deliver,
            "DeliverXmsBatch": self._deliver_batch,
        }

    def answer(self, operation: str, parameter: str | None, source: str) -> str:
        """Run one operation. Raises SoapFault for an unknown one."""
        run = self._operations.get(operation)
        if run is None:
            raise SoapFault("Client", f"Unknown operation: {operation[:60]}")
        return self._declaration + run(parameter or "", source)

    def _service_info(self, _parameter: str, _source: str) -> str:
        return self._service_info_document

    def _user_info(self, parameter: str, source: str) -> str:
        try:
            user = oms.parse_user(parameter)
        except DocumentError as error:
            _log.info("GetUserInfo from=%s: the document %s", source, error)
            return oms.write_user_error(user_code(Reason.UNREADABLE))
        try:
            who = self._identify(user, source)
        except Exception:  # noqa: BLE001 - ours, not the caller's; the log has it
            _log.exception("sign-in failed account=%r from=%s", user.user_id, source)
            who = Refusal(Reason.FAULT)
        answer = "ok" if isinstance(who, Profile) else who.reason
        _log.info("GetUserInfo account=%r client=%r from=%s: %s", user.user_id, user.client, source, answer)
        return oms.write_user_info(who) if isinstance(who, Profile) else oms.write_user_error(user_code(who.reason))

    def _deliver(self, parameter: str, source: str) -> str:
        try:
            data = oms.parse_data(parameter)
        except DocumentError as error:
            return oms.write_response(self._unreadable(error, source))
        return oms.write_response(self._messages([data], source)[0])

    def _deliver_batch(self, parameter: str, source: str) -> str:
        """Every message stands for itself; each user is verified once."""
        try:
            batch = oms.parse_batch(parameter)
        except DocumentError as error:
            return oms.write_responses([(None, self._unreadable(error, source))])
        if not batch:
            return oms.write_responses([(None, self._refused(Reason.EMPTY_BATCH))])
        surplus = self._refused(Reason.BATCH_TOO_LARGE, most=self._max_batch)
        told = self._messages(batch[: self._max_batch], source) + [surplus] * (len(batch) - self._max_batch)
        return oms.write_responses([(data.id, errors) for data, errors in zip(batch, told, strict=True)])

    # -- messages ---------------------------------------------------------------------------------------------------

    def _messages(self, messages: Sequence[XmsData], source: str) -> list[tuple[OmsError, ...]]:
        """Deliver messages with one commit; no fault of ours at one of them may cost another."""
        known: _Known = {}
        claims = [self._claim(data, source, known) for data in messages]
        receipts = self._receipts([claim for claim in claims if isinstance(claim, _Claim)])
        told = [
            errors_of(next(receipts), data.recipients, self._words) if isinstance(claim, _Claim) else claim
            for data, claim in zip(messages, claims, strict=True)
        ]
        for data, errors in zip(messages, told, strict=True):
            _log.info(
                "message account=%r client=%r source_type=%s from=%s recipients=%d texts=%d: %s",
                data.user.user_id,
                data.user.client,
                data.source_type,
                source,
                len(data.recipients),
                len(data.contents),
                " ".join(error.code for error in errors),
            )
        return told

    def _claim(self, data: XmsData, source: str, known: _Known) -> _Claim | tuple[OmsError, ...]:
        """What a message asks of the gate, or why it does not get so far."""
        try:
            return self._checked(data, source, known)
        except Exception:  # noqa: BLE001 - whatever it is, the others go out, and the log has it
            _log.exception("message failed account=%r from=%s", data.user.user_id, source)
            return self._refused(Reason.FAULT)

    def _receipts(self, claims: Sequence[_Claim]) -> Iterator[Receipt]:
        """The gate's answers; where it fails at all of them, each is asked for by itself."""
        try:
            return iter(self._gate.submit_all(claims))
        except Exception:  # noqa: BLE001 - what of them was accepted is recognised as the same request
            _log.exception("%d messages failed together", len(claims))
            return map(self._receipt, claims)

    def _receipt(self, claim: _Claim) -> Receipt:
        try:
            return self._gate.submit(*claim)
        except Exception:  # noqa: BLE001 - as in _claim
            _log.exception("message failed account=%r from=%s", claim.submission.account, claim.submission.source)
            return Receipt(refused=(Refusal(Reason.FAULT, None, sentence(Reason.FAULT, self._language)),))

    def _checked(self, data: XmsData, source: str, known: _Known) -> _Claim | tuple[OmsError, ...]:
        user = (data.user.user_id, data.user.password)
        if user not in known:
            known[user] = self._identify(data.user, source)
        who = known[user]
        if isinstance(who, Refusal):
            return errors_of(Receipt(refused=(who,)))
        if data.service != SMS:
            return self._refused(Reason.SERVICE_NOT_OFFERED, service=data.service[:40])
        try:
            not_before = moments.not_before(data.scheduled, self._clock(), self._horizon)
        except ValueError:
            return self._refused(Reason.BAD_SCHEDULE, value=data.scheduled[:60])
        submission = Submission(
            account=data.user.user_id,
            door=Door.OMS,
            recipients=data.recipients,
            texts=data.contents,
            client=data.user.client,
            source_type=data.source_type,
            source=source,
            not_before=not_before,
            content_ids=data.content_ids,
        )
        return _Claim(submission, data.user.password)

    def _identify(self, user: XmsUser, source: str) -> Profile | Refusal:
        if self._ceased:
            return Refusal(Reason.SERVICE_CEASED, detail=sentence(Reason.SERVICE_CEASED, self._language))
        return self._gate.identify(user.user_id, user.password, source)

    # -- words ------------------------------------------------------------------------------------------------------

    def _unreadable(self, error: DocumentError, source: str) -> tuple[OmsError, ...]:
        _log.info("message from=%s: the document %s", source, error)
        return self._refused(Reason.UNREADABLE, why=error)

    def _refused(self, reason: Reason, **facts: object) -> tuple[OmsError, ...]:
        return (OmsError(CODES[reason], sentence(reason, self._language, **facts)),)

    def _words(self, notice: Notice) -> str:
        return sentence(notice, self._language, moment=self._since.strftime("%Y-%m-%dT%H:%M:%SZ"))
