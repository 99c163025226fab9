"""SOAP stacks of others over real TLS: what they make of our WSDL and of our answers."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.soap.line import Line
from tests.soap.office import errors, xms_data, xms_user
from tests.soap.schemas import validate

PHP = shutil.which("php")
PERL = shutil.which("perl")

_PHP = r"""<?php
[$_, $mode, $version, $uri, $ca, $operation, $parameter, $document] = $argv;
$tls = stream_context_create(['ssl' => ['cafile' => $ca]]);
$options = ['soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1, 'stream_context' => $tls, 'cache_wsdl' => WSDL_CACHE_NONE];
$name = $operation . 'Result';
if ($mode === 'wsdl') {
    $client = new SoapClient($uri . '?wsdl', $options);
    echo $client->$operation($document === '' ? [] : [$parameter => $document])->$name;
} else {
    $options += ['location' => $uri, 'uri' => 'http://schemas.microsoft.com/office/Outlook/2006/OMS', 'style' => SOAP_RPC, 'use' => SOAP_ENCODED];
    $client = new SoapClient(null, $options);
    echo $client->__soapCall($operation, $document === '' ? [] : [new SoapParam($document, $parameter)]);
}
"""

_PERL = r"""
use strict; use warnings; use SOAP::Lite;
my ($version, $uri, $operation, $parameter, $document) = @ARGV;
my $client = SOAP::Lite->soapversion($version)->proxy($uri)->default_ns('http://schemas.microsoft.com/office/Outlook/2006/OMS');
my $answer = $client->call($operation, SOAP::Data->name($parameter => $document)->type('string'));
die $answer->faultstring if $answer->fault;
binmode STDOUT, ':utf8'; print $answer->result;
"""


def _run(command: list[str], **environment: str) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def _has_php_soap() -> bool:
    return PHP is not None and "soap" in subprocess.run([PHP, "-m"], capture_output=True, text=True).stdout.split()


def _has_soap_lite() -> bool:
    command = ["perl", "-MSOAP::Lite", "-MLWP::Protocol::https", "-e", "1"]
    return PERL is not None and subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.skipif(not _has_php_soap(), reason="needs Debian's php-cli and php-soap")
@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("mode", ["wsdl", "rpc"])
def test_php_sends_with_the_wsdl_and_in_rpc_without(line: Line, tmp_path: Path, mode: str, version: str) -> None:
    """SoapClient reads the WSDL, calls in both shapes and versions, and finds every result where it expects it."""
    script = tmp_path / "client.php"
    script.write_text(_PHP)

    def call(operation: str, parameter: str, document: str) -> str:
        where = [mode, version, line.uri, str(line.place.authority)]
        return _run([str(PHP), str(script), *where, operation, parameter, document])

    assert validate("serviceInfo", call("GetServiceInfo", "none", "")).findtext("{*}serviceUri") == line.uri
    assert validate("userInfo", call("GetUserInfo", "xmsUser", xms_user())).findtext("{*}replyPhone") == "+447700900111"
    told = errors(call("DeliverXms", "xmsData", xms_data("+447700900222", "12", texts=("Café 🐟 & chips",))))
    assert told == [("invalidRecipient", "Not a dialable mobile number.", "12")]
    assert [message.text for message in line.office.messages()] == ["Café 🐟 & chips"]


@pytest.mark.skipif(not _has_soap_lite(), reason="needs Debian's libsoap-lite-perl")
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_perl_sends_in_rpc(line: Line, tmp_path: Path, version: str) -> None:
    """SOAP::Lite types its parameters, and reads the result by position."""
    script = tmp_path / "client.pl"
    script.write_text(_PERL)

    def call(operation: str, parameter: str, document: str) -> str:
        where = [version, line.uri, operation, parameter, document]
        return _run([str(PERL), str(script), *where], HTTPS_CA_FILE=str(line.place.authority))

    validate("userInfo", call("GetUserInfo", "xmsUser", xms_user()))
    assert errors(call("SendXms", "xmsData", xms_data(texts=("Fish & chips",)))) == [("ok", "", "")]
    assert [message.text for message in line.office.messages()] == ["Fish & chips"]
