"""Final results in all three forms."""

import pytest

from omsmodem.modem.quirks import GENERIC, QUIRKS, quirk_of
from omsmodem.modem.results import coded


@pytest.mark.parametrize(
    ("final", "expected"),
    [
        ("+CMS ERROR: 500", ("cms", 500)),
        ("+CMS ERROR:500", ("cms", 500)),
        ("+cms error: 38", ("cms", 38)),
        ("+CMS ERROR: Unknown error", ("cms", 500)),
        ("+CMS ERROR: unknown", ("cms", 500)),
        ("+CMS ERROR: SIM busy", ("cms", 314)),
        ("+CMS ERROR: (U)SIM PIN required", ("cms", 311)),
        ("+CMS ERROR: SIM PIN necessary", ("cms", 311)),
        ("+CMS ERROR: Invalid PDU mode parameter", ("cms", 304)),
        ("+CMS ERROR: SMSC address unknown", ("cms", 330)),
        ("+CMS ERROR: no network service", ("cms", 331)),
        ("+CMS ERROR: network timeout", ("cms", 332)),
        ("+CMS ERROR: NO +CNMA ACK EXPECTED", ("cms", 340)),
        ("+CMS ERROR: invalid memory index", ("cms", 321)),
        ("+CME ERROR: 14", ("cme", 14)),
        ("+CME ERROR: SIM not inserted", ("cme", 10)),
        ("+CME ERROR: SIM failure", ("cme", 13)),
        ("+CME ERROR: incorrect password", ("cme", 16)),
        ("+CME ERROR: unknown", ("cme", 100)),
        ("+CME ERROR: something else", ("cme", None)),
        ("+CMS ERROR:", ("cms", None)),
        ("ERROR", (None, None)),
        ("COMMAND NOT SUPPORT", (None, None)),
    ],
)
def test_an_error_result_tells_family_and_code(final: str, expected: tuple[str | None, int | None]) -> None:
    """By number, by the standard's words in makers' spellings, or neither."""
    assert coded(final) == expected


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("huawei", "E173", "huawei"),
        ("Huawei Technologies Co., Ltd.", "ME909s-120", "huawei"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "simcom-2g"),
        ("SIMCOM_Ltd", "SIMCOM_SIM900", "simcom-2g"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "simcom"),
        ("SIMCOM_Ltd", "SIM7000E", "simcom"),
        ("Quectel", "EC25", "quectel"),
        ("ZTE INCORPORATED", "MF190", "zte"),
        ("Telit", "LE910-EUG", "telit"),
        ("u-blox", "SARA-U201", "u-blox"),
        ("Nokia", "CS-19", "generic"),
        ("", "", "generic"),
    ],
)
def test_a_make_is_known_by_what_it_says(manufacturer: str, model: str, name: str) -> None:
    """+CGMI and +CGMM choose the quirk; whoever is not listed is generic."""
    assert quirk_of(manufacturer, model).name == name


def test_quirks_have_names_of_their_own() -> None:
    """No two makes are confused in logs."""
    names = [quirk.name for quirk in (*QUIRKS, GENERIC)]
    assert len(set(names)) == len(names)
