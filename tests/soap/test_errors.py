"""The table of codes, and how a receipt becomes `error` elements."""

from omsmodem.message import Notice, Reason, Receipt, Refusal
from omsmodem.soap.errors import CODES, FORMS, OK, Code, OmsError, errors_of, user_code

A, B = "+447700900222", "07700 900333"


def test_there_are_twenty_codes_and_every_reason_and_notice_has_one() -> None:
    """Nothing the gate may say is without a code, and every code has a form."""
    assert len(Code) == len(FORMS) == 20
    assert set(CODES) == {*Reason, *Notice}


def test_everything_accepted_is_ok_alone() -> None:
    """Complete success is `ok`, neutral, with nothing in it."""
    assert errors_of(Receipt(accepted=(1,)), (A,)) == (OK,)
    assert OK.severity == "neutral"


def test_a_partial_failure_is_one_error_a_code_without_ok() -> None:
    """Recipients of one code stand together as received, and different sentences are joined."""
    receipt = Receipt(
        accepted=(1,),
        refused=(
            Refusal(Reason.INVALID_RECIPIENT, "12", "Not a number."),
            Refusal(Reason.COUNTRY_NOT_ALLOWED, "+15550100123", "Only GB."),
            Refusal(Reason.EMERGENCY_NUMBER, "112", "Emergency."),
            Refusal(Reason.INVALID_RECIPIENT, "12", "Not a number."),
        ),
    )
    assert errors_of(receipt, (A, "12", "112", "+15550100123")) == (
        OmsError(Code.INVALID_RECIPIENT, "Not a number. Emergency.", ("12", "112")),
        OmsError(Code.CROSS_CARRIER, "Only GB.", ("+15550100123",)),
    )


def test_failures_stand_before_notices_and_ok_only_before_notices_alone() -> None:
    """A client that reads the first element alone learns the worst."""
    notices = (Notice.NOT_SCHEDULED, Notice.SERVICE_UPDATE)
    words = {Notice.NOT_SCHEDULED: "Sent at once.", Notice.SERVICE_UPDATE: "2026-03-02T06:00:00Z"}.__getitem__
    told = (OmsError(Code.NO_SCHEDULED, "Sent at once."), OmsError(Code.SERVICE_UPDATE, "2026-03-02T06:00:00Z"))
    assert errors_of(Receipt(accepted=(1,), notices=notices), (A,), words) == (OK, *told)
    refused = (Refusal(Reason.INVALID_RECIPIENT, "12", "No."),)
    assert errors_of(Receipt(accepted=(1,), refused=refused, notices=notices), (A, "12"), words) == (
        OmsError(Code.INVALID_RECIPIENT, "No.", ("12",)),
        *told,
    )


def test_a_refusal_of_the_whole_message_lists_everybody_where_the_code_lists_any() -> None:
    """lengthLimit and serviceNetwork name the recipients they hit; invalidUser has nothing in it."""
    whole = Refusal(Reason.TEXT_TOO_LONG, detail="160 single-byte or 70 double-byte characters")
    (length,) = errors_of(Receipt(refused=(whole,)), (A, B))
    assert length == OmsError(Code.LENGTH_LIMIT, whole.detail, (A, B))
    (user,) = errors_of(Receipt(refused=(Refusal(Reason.INVALID_USER, detail="Wrong."),)), (A,))
    assert user == OmsError(Code.INVALID_USER)
    (many,) = errors_of(Receipt(refused=(Refusal(Reason.TOO_MANY_RECIPIENTS, detail="At most 50."),)), (A, B))
    assert many == OmsError(Code.OTHER, "At most 50.")


def test_a_question_about_a_user_knows_fewer_codes() -> None:
    """A busy service is `other` in a userInfo, where serviceNetwork makes no sense."""
    assert user_code(Reason.INVALID_USER) == Code.INVALID_USER
    assert user_code(Reason.ACCOUNT_DISABLED) == Code.EXPIRED_USER
    assert user_code(Reason.NOT_REGISTERED) == Code.UNREGISTERED_USER
    assert user_code(Reason.BUSY) == Code.OTHER
