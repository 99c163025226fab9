"""The other half: a faithful simulated modem, its network and the phones on it.

It answers as a real modem would: ERROR where one would refuse, every TPDU parsed strictly. `SimulatedModem` does no I/O;
`PtyShell` and `TcpShell` put it on a line.
"""
