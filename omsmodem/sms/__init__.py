"""What the network speaks: text ⇄ TPDU (TS 23.038, TS 23.040). Pure functions and frozen values, standard library only."""
