"""An SMS-SUBMIT without what a service centre does not know (TS 23.040 §9.2.3.22)."""

from dataclasses import replace

from omsmodem.sms import tpdu

#: General data coding: bit 4 says that the lowest two bits are a class (TS 23.038 §4).
_GENERAL_GROUP_BELOW, _HAS_CLASS, _CLASS_BITS = 0x40, 0b0001_0000, 0b0001_0011


def without_class(octets: bytes) -> bytes:
    """The same text without a message class; the same octets where it has none."""
    submit = tpdu.decode_submit(octets)
    data = submit.user_data
    if data.dcs >= _GENERAL_GROUP_BELOW or not data.dcs & _HAS_CLASS:
        return octets
    return replace(submit, user_data=replace(data, dcs=data.dcs & ~_CLASS_BITS)).encode()


def without_validity(octets: bytes) -> bytes:
    """The same text without a validity period; the same octets where it has none."""
    submit = tpdu.decode_submit(octets)
    return octets if submit.validity_period is None else replace(submit, validity_period=None).encode()
