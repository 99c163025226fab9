"""The only door to pyserial: a device path or URL → a Port with one kind of error."""

import contextlib
import errno
import fcntl
import termios

import serial

from omsmodem.modem.errors import PortLost, PortUnavailable
from omsmodem.modem.holders import holders

WRITE_TIMEOUT_S = 10.0
#: A serial line's reader sleeps until octets come or close() wakes it; a network URL cannot be woken.
_NETWORK_READ_TIMEOUT_S = 1.0


#: A lost port, which pyserial reports in four ways, SerialException (an OSError) among them.
_FAULTS = (OSError, termios.error, TypeError, ValueError)


class _UntouchedLine(serial.Serial):
    """A line that is opened as it is. pyserial empties it, and with it goes a report that the modem told a closed port."""

    def _reset_input_buffer(self) -> None:
        """Leave what waits there to be read: bring-up tells what is news from what is stale."""


class SerialPort:
    """An open serial line. `read` belongs to one thread, `write` and `close` to another."""

    def __init__(self, line: serial.Serial, name: str) -> None:
        self.name = name
        self._line = line
        self._closed = False

    def read(self) -> bytes:
        """Wait for octets; empty after a while without any. Raises PortLost."""
        try:
            octets: bytes = self._line.read(1)
        except _FAULTS as error:
            raise self._lost(error) from error
        # What was read is handed over even when the port goes away behind it: the loss is told by the next read.
        with contextlib.suppress(*_FAULTS):
            if octets and (waiting := self._line.in_waiting):
                octets += self._line.read(waiting)
        if not octets and self._closed:
            raise PortLost(f"{self.name} was closed")
        return octets

    def write(self, octets: bytes) -> None:
        """Write all octets. Raises PortLost, also when the line takes nothing for the write time-out."""
        try:
            self._line.write(octets)
        except _FAULTS as error:
            raise self._lost(error) from error

    def close(self) -> None:
        """Wake the reader and close."""
        self._closed = True
        with contextlib.suppress(*_FAULTS):
            if hasattr(self._line, "cancel_read"):
                self._line.cancel_read()
        with contextlib.suppress(*_FAULTS):  # gone, closed, or a network line
            fcntl.ioctl(self._line.fileno(), termios.TIOCNXCL)  # it outlives us where another program holds the line
        with contextlib.suppress(*_FAULTS):
            self._line.close()

    def _lost(self, error: Exception) -> PortLost:
        return PortLost(f"{self.name} went away ({error})")


def open_port(url: str, *, baudrate: int = 115200, write_timeout_s: float = WRITE_TIMEOUT_S) -> SerialPort:
    """Open a device path, `socket://host:port` or `rfc2217://host:port`, for us alone. Raises PortUnavailable in words.

    No hardware flow control: many adapters and boards have no wires for it, and would block for ever.
    """
    network = "://" in url
    try:
        line = serial.serial_for_url(url, do_not_open=True, baudrate=baudrate) if network else _line(url, baudrate)
        line.timeout = _NETWORK_READ_TIMEOUT_S if network else None
        if not network:
            line.write_timeout = write_timeout_s  # pyserial's network lines have none
            line.exclusive = True  # flock: other programs of good manners
        line.open()
        if not network:
            _exclude_others(line)
    except (OSError, termios.error, ValueError) as error:
        raise PortUnavailable(_why(url, error)) from error
    return SerialPort(line, url)


def _line(device: str, baudrate: int) -> serial.Serial:
    line = _UntouchedLine(baudrate=baudrate)
    line.port = device
    return line


def _exclude_others(line: serial.Serial) -> None:
    """TIOCEXCL: every other program but root's. Closes the line when it cannot be had."""
    try:
        fcntl.ioctl(line.fileno(), termios.TIOCEXCL)
    except OSError:
        line.close()
        raise


def _why(url: str, error: Exception) -> str:
    number = getattr(error, "errno", None) or (error.args[0] if error.args else None)
    if number in {errno.ENOENT, errno.ENODEV, errno.ENXIO} and "://" not in url:
        return f"{url} is not there: the modem is unplugged, still starting, or has moved to another name"
    if number in {errno.EACCES, errno.EPERM}:
        return f"{url} may not be opened by this user: add it to the group of the device, mostly dialout"
    if number in {errno.EBUSY, errno.EAGAIN}:
        return f"{url} is in use by {' and '.join(map(str, holders(url))) or 'another program'}"
    return f"{url} cannot be opened: {str(error).removeprefix(f'Could not open port {url}: ')}"
