"""What Outlook speaks: [MS-OMS] over SOAP. Knows no store and no modem."""
