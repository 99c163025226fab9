"""Which USB devices are modems, and which of a modem's several ports speaks AT: data, from the makers' and ModemManager's tables."""

from omsmodem.modem.machine import UsbDevice

#: Drivers that exist for modems only.
MODEM_DRIVERS = {"option", "option1", "qcserial", "sierra", "hso"}
#: cdc_acm is also the driver of many boards that restart when their port is opened: with it, the maker decides.
SHARED_DRIVER = "cdc_acm"

HUAWEI = "12d1"
MODEM_MAKERS = {
    HUAWEI: "Huawei",
    "19d2": "ZTE",
    "2c7c": "Quectel",
    "1e0e": "SIMCom",
    "1bc7": "Telit",
    "1546": "u-blox",
    "1e2d": "Cinterion",
    "0681": "Siemens",
    "2cb7": "Fibocom",
    "1199": "Sierra",
    "0421": "Nokia",
    "1bbb": "Alcatel",
    "1c9e": "Longcheer",
    "05c6": "Qualcomm",
    "305a": "Neoway",
}

#: Interfaces that speak AT, best first, by `vendor:product`, else by vendor.
_AT_INTERFACES: dict[str, tuple[int, ...]] = {
    "2c7c": (2, 3),
    "1e0e:9001": (2, 3),
    "1e0e:9205": (2,),
    "1e0e:9206": (2,),
    "1e0e:9100": (3, 1),
    "1e0e:9200": (3, 1),
    "19d2:0001": (0, 2),
    "19d2:0002": (2, 4),
    "19d2:0031": (3, 1),
    "19d2:0117": (2, 1),
    "19d2:0124": (4, 1),
    "1bc7:1003": (0,),
    "1bc7:1004": (0,),
    "1bc7:1006": (0,),
    "1bc7:1010": (3,),
    "1bc7:1011": (1,),
    "1bc7:1040": (4,),
    "1bc7:1050": (4,),
    "1bc7:1041": (5,),
    "1bc7:1051": (5,),
    "1bc7:1201": (4,),
    "1bc7:1101": (1,),
    "1bc7:110a": (1,),
    "1546:1104": (2, 4, 6),
    "1199": (3,),
    "0421": (1,),
    "1e2d": (0,),
}

#: Network-card mode without any serial port.
_HILINK = {"12d1:14db", "12d1:14dc", "12d1:155e", "12d1:1576"}
#: What a stick is before usb_modeswitch turned it into a modem.
_STORAGE = {
    "12d1:1446",
    "12d1:1449",
    "12d1:14fe",
    "12d1:1505",
    "12d1:1520",
    "12d1:1521",
    "12d1:1f01",
    "19d2:2000",
    "19d2:0083",
}
_STORAGE_CLASS = "08"
_NETWORK_CLASSES = {"02", "e0"}


def at_interfaces(usb: UsbDevice) -> tuple[int, ...]:
    """The interfaces known to speak AT, best first; empty when nothing is known."""
    return _AT_INTERFACES.get(usb.ids) or _AT_INTERFACES.get(usb.vendor, ())


def mode_in_words(usb: UsbDevice, classes: set[str]) -> str | None:
    """What to do about a modem maker's device that offers no serial port; None when it is nothing we know."""
    if usb.vendor not in MODEM_MAKERS:
        return None
    if usb.ids in _STORAGE or (usb.ids not in _HILINK and classes == {_STORAGE_CLASS}):
        return (
            f"{usb.ids} {usb.name} shows itself as a CD-ROM: install usb-modeswitch and usb-modeswitch-data, "
            "then unplug the stick and plug it in again"
        )
    if usb.ids in _HILINK or classes & _NETWORK_CLASSES:
        return (
            f"{usb.ids} {usb.name} is in its network-card mode (HiLink) and has no serial port: "
            "switch it to modem mode with usb_modeswitch, or use another stick"
        )
    return None
