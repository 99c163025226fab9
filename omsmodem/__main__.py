"""`python -m omsmodem` is the command `omsmodem`."""

from omsmodem.cli import main

main(prog_name="omsmodem")
