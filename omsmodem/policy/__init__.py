"""Pure decisions: when to try again, what a modem's failures mean, which modem takes what. No I/O, no clock of its own."""
