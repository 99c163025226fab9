"""The front door: OMS and the pages around it, as the configuration wants them."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from omsmodem.config import Config
from omsmodem.intake import Intake
from omsmodem.soap.envelope import OMS
from omsmodem.soap.oms import PROFILES, SERVICE_INFO, ServiceInfo, Splitting, write_service_info
from omsmodem.soap.pages import AUTHORITY_PATH, KIT_PATH, SIGN_UP_PATH, Site, sign_up_page
from omsmodem.soap.reading import max_body_octets
from omsmodem.soap.service import Service
from omsmodem.soap.signup import Download, SignUpApplication
from omsmodem.soap.wsgi import OmsApplication
from omsmodem.store import Registrations


def pages(
    config: Config, intake: Intake, registrations: Registrations, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Which application answers which path."""
    service, oms, tls = config.service, config.oms, config.tls
    site = Site(service_info(config), service.contact, service.language, tls.authority, tls.kit, service.registration)
    answers = Service(
        site.info,
        intake,
        language=service.language,
        declaration=oms.inner_xml_declaration,
        max_batch=oms.messages_per_batch,
        horizon=timedelta(days=config.limits.schedule_days),
        ceased=oms.ceased,
        clock=clock,
    )
    most_octets = max_body_octets(config.https.max_body_kib * 1024)
    application = OmsApplication(answers, partial(site.answer, "address"), most_octets)
    paths = (urlsplit(service.uri).path or "/", *oms.aliases)
    return {
        SIGN_UP_PATH: SignUpApplication(site, registrations if service.registration else None),
        AUTHORITY_PATH: Download(tls.authority, "ca.cer", "application/x-x509-ca-cert"),
        KIT_PATH: Download(tls.kit, "windows-kit.zip", "application/zip"),
        **dict.fromkeys(paths, application),
    }


def service_info(config: Config) -> ServiceInfo:
    """What GetServiceInfo tells."""
    service, oms, limits = config.service, config.oms, config.limits
    split = PROFILES[oms.profile]
    return ServiceInfo(
        service_provider=service.provider,
        service_uri=service.uri,
        sign_up_page=service.sign_up_page or sign_up_page(service.uri),
        local_name=service.local_name,
        english_name=service.english_name,
        target_locale=service.target_locale,
        max_recipients_per_message=limits.recipients_per_message,
        splitting=Splitting(
            limits.max_single_byte or split.max_sbcs_per_message,
            limits.max_double_byte or split.max_dbcs_per_message,
            min(split.max_messages_per_send, limits.texts_per_send),
        ),
        authentication_type=oms.authentication_type,
        namespace=SERVICE_INFO if oms.service_info_namespace == "service_info" else OMS,
    )


def properties(config: Config) -> bytes:
    """Names what clients are told of the service: a change of it is worth telling them (32 octets)."""
    return hashlib.blake2b(write_service_info(service_info(config)).encode(), digest_size=32).digest()
