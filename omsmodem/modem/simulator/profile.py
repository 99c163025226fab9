"""How the simulated devices differ: data, no branches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of modem."""

    name: str
    manufacturer: str
    model: str
    revision: str
    imei: str = "356938035643809"
    imsi: str = "234159876543210"
    iccid: str = "8944110065123456789"
    report_modes: frozenset[str] = frozenset({"0", "1", "2"})  # `<ds>` of +CNMI that are accepted
    more_messages: bool = True  # has +CMMS
    chatter: tuple[str, ...] = ()  # said unasked behind each command's answer
    service_centre: str = "+447700900000"


GENERIC = Profile("generic", "Simulated", "omsmodem SIM1", "1.0")
HUAWEI_E173 = Profile(
    "huawei-e173", "huawei", "E173", "11.126.85.00.209", chatter=("^RSSI:18", "^DSFLOWRPT:0000000A,00000000,00000000")
)
SIM800 = Profile(
    "sim800", "SIMCOM_Ltd", "SIMCOM_SIM800L", "R14.18", report_modes=frozenset({"0", "1"}), more_messages=False
)
PROFILES = {profile.name: profile for profile in (GENERIC, HUAWEI_E173, SIM800)}
