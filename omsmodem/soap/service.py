"""The five operations of [MS-OMS] over a gate."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from omsmodem.message import Door, Profile, Reason, Receipt, Refusal, Submission
from omsmodem.soap import oms
from omsmodem.soap.errors import DocumentError, OmsError, SoapFault, code, errors_of
from omsmodem.soap.oms import ServiceInfo, XmsData

_log = logging.getLogger(__name__)

#: SharePoint's own limit is unknown; what is beyond this is answered `other` in its place.
MAX_BATCH = 200


class Gate(Protocol):
    """What this room needs of the one that accepts messages."""

    def identify(self, user: str, password: str, source: str) -> Profile | Refusal:
        """Who a user is, or why not."""

    def submit(self, submission: Submission, password: str) -> Receipt:
        """Authorise and accept."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Service:
    """Operation and parameter in, answer document out. `source` is the caller's address."""

    def __init__(self, info: ServiceInfo, gate: Gate, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self.info = info
        self._gate = gate
        self._clock = clock
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
        return run(parameter or "", source)

    def _service_info(self, _parameter: str, _source: str) -> str:
        return oms.write_service_info(self.info)

    def _user_info(self, parameter: str, source: str) -> str:
        try:
            user = oms.parse_user(parameter)
        except DocumentError:
            return oms.write_user_info(None, "other")
        who = self._gate.identify(user.user_id, user.password, source)
        return oms.write_user_info(None, code(who)) if isinstance(who, Refusal) else oms.write_user_info(who)

    def _deliver(self, parameter: str, source: str) -> str:
        try:
            data = oms.parse_data(parameter)
        except DocumentError as error:
            return oms.write_response((OmsError("other", content=str(error)),))
        return oms.write_response(self._submit(data, source))

    def _deliver_batch(self, parameter: str, source: str) -> str:
        try:
            batch = oms.parse_batch(parameter)
        except DocumentError as error:
            return oms.write_responses([(None, (OmsError("other", content=str(error)),))])
        if not batch:
            return oms.write_responses([(None, (OmsError("other", content="The batch holds no message."),))])
        surplus = (OmsError("other", content=f"At most {MAX_BATCH} messages are allowed in one batch."),)
        return oms.write_responses(
            [(data.id, self._submit(data, source) if n < MAX_BATCH else surplus) for n, data in enumerate(batch)]
        )

    def _submit(self, data: XmsData, source: str) -> tuple[OmsError, ...]:
        who = self._gate.identify(data.user.user_id, data.user.password, source)
        if isinstance(who, Refusal):
            return errors_of(Receipt(refused=(who,)))
        if data.multimedia:
            return (OmsError("unregisteredService", content="MMS"),)
        try:
            not_before = oms.parse_scheduled(data.scheduled, self._clock())
        except ValueError:
            refusal = Refusal(Reason.BAD_SCHEDULE, detail=f"Not a time within a year: {data.scheduled[:60]}")
            return errors_of(Receipt(refused=(refusal,)))
        submission = Submission(
            account=data.user.user_id,
            door=Door.OMS,
            recipients=data.recipients,
            texts=data.contents,
            client=data.user.client[:100],
            source_type=data.source_type[:40],
            source=source,
            not_before=not_before,
            content_ids=data.content_ids,
        )
        receipt = self._gate.submit(submission, data.user.password)
        _log.info(
            "submission=%s account=%r client=%r source_type=%s from=%s accepted=%d refused=%d",
            receipt.submission_id,
            submission.account,
            submission.client,
            submission.source_type,
            source,
            len(receipt.accepted),
            len(receipt.refused),
        )
        return errors_of(receipt)
