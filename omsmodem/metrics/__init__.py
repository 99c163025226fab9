"""Facts as numbers for Prometheus, and one word for monitors that want no more: `/metrics` and `/healthz`."""

from omsmodem.metrics.wsgi import Healthz, Metrics

__all__ = ["Healthz", "Metrics"]
