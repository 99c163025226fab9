"""omsmodem: an Outlook Mobile Service (OMS) provider on a box with a USB GSM modem."""

__version__ = "0.1.0"
