"""What users of modems complain of, one test a complaint that concerns the driver; the rest is the worker's and the store's."""
