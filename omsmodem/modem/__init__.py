"""What the stick speaks: AT commands (TS 27.005, TS 27.007). Octets only; no store, no account, no text."""
