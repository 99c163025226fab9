"""The Windows kit: one zip with what must be done at a PC or at SharePoint, as files that do it."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from omsmodem.certificates.files import write

_DATE = (2026, 1, 1, 0, 0, 0)  # the same kit has the same octets
_INTERNET = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
_CHANNEL = r"SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols"
_NET = (r"Microsoft\.NETFramework\v2.0.50727", r"Microsoft\.NETFramework\v4.0.30319")


@dataclass(frozen=True, slots=True)
class Service:
    """What people type."""

    uri: str
    name: str = "Office SMS"
    contact: str = ""

    @property
    def host(self) -> str:
        """The host in the address."""
        return urlsplit(self.uri).hostname or ""


@dataclass(frozen=True, slots=True)
class KitUser:
    """Somebody who gets a page: never with the password."""

    name: str
    reply_phone: str = ""


def write_kit(path: Path, service: Service, authority: Path | None, users: Sequence[KitUser] = ()) -> None:
    """Write the kit. Without an authority (a public certificate) there is nothing to import, and it says so."""
    entries: dict[str, bytes] = {
        "README.txt": _text(_readme(service, authority is not None, bool(users))),
        "enable-tls12.reg": ("\ufeff" + _crlf(_registry())).encode("utf-16-le"),
        "proxy.txt": _text(_proxy(service)),
        "sharepoint.txt": _text(_sharepoint(service, authority is not None)),
    }
    if authority is not None:
        entries["ca.cer"] = authority.read_bytes()
        entries["import-ca.cmd"] = _text(_IMPORT)
    for user in users:
        entries[f"users/{_file_name(user.name)}.txt"] = _text(_user(service, user))
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(entries.items()):
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    write(path, octets.getvalue(), 0o600 if users else 0o644)


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _text(text: str) -> bytes:
    """For Notepad of 2009: UTF-8 with a mark where it is not plain ASCII, and its line ends."""
    return _crlf(text).encode("utf-8" if text.isascii() else "utf-8-sig")


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".") or "user"


def _readme(service: Service, has_authority: bool, has_users: bool) -> str:
    steps = []
    if has_authority:
        steps.append(
            "Run import-ca.cmd as administrator: the PC then trusts the service's certificate, and nothing else."
        )
    steps += [
        "Windows 7, 2008 R2, 8 and 2012 only: install update KB3140245, then run enable-tls12.reg and restart the PC.",
        "If Outlook does not reach the service although a browser does: see proxy.txt.",
        "Outlook 2007 and 2010: Account Settings, New, Other, Text Messaging (SMS). Address, exactly as it is here:\n"
        f"   {service.uri}\n   User name and password: "
        + (
            f"see the page in users\\, the password from {service.contact or 'whoever runs the service'}"
            if has_users
            else f"from {service.contact or 'whoever runs the service'}"
        )
        + ".",
        "SharePoint 2010 to 2019: see sharepoint.txt.",
    ]
    numbered = "\n\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    what = (
        "It may be imported without worry: it is limited to the names of this service, Windows trusts it for nothing else."
        if has_authority
        else "Its certificate is one that Windows trusts already: there is nothing to import."
    )
    return f"""{service.name}: text messages from Outlook and SharePoint

{numbered}

About the certificate
{what}

Windows XP cannot be served: it knows no cipher that is still in use. Outlook 2013 and later have no text messaging.
"""


_IMPORT = r"""@echo off
rem Makes this PC trust the certificate of the text messaging service.
cd /d "%~dp0"
certutil -addstore -f Root ca.cer && goto done
echo.
echo That needs an administrator. Trying for this user only, which is enough for Outlook:
certutil -user -addstore Root ca.cer && goto done
echo.
echo The certificate could not be imported. Double-click ca.cer and put it into
echo "Trusted Root Certification Authorities".
pause
exit /b 1
:done
echo.
echo Done. Restart Outlook.
pause
"""


def _registry() -> str:
    """WinHTTP, WinINet, SChannel and .NET: whichever of them a program uses, it then speaks TLS 1.2."""
    keys: list[tuple[str, dict[str, int]]] = []
    for view in (_INTERNET, _INTERNET.replace("SOFTWARE", r"SOFTWARE\Wow6432Node")):
        keys.append((rf"HKEY_LOCAL_MACHINE\{view}\WinHttp", {"DefaultSecureProtocols": 0xA00}))
        keys.append((rf"HKEY_LOCAL_MACHINE\{view}", {"SecureProtocols": 0xA80}))
    keys.append((rf"HKEY_CURRENT_USER\{_INTERNET}", {"SecureProtocols": 0xA80}))
    keys += [
        (rf"HKEY_LOCAL_MACHINE\{_CHANNEL}\{protocol}\Client", {"DisabledByDefault": 0})
        for protocol in ("TLS 1.1", "TLS 1.2")
    ]
    keys += [
        (rf"HKEY_LOCAL_MACHINE\{root}\{framework}", {"SystemDefaultTlsVersions": 1, "SchUseStrongCrypto": 1})
        for framework in _NET
        for root in ("SOFTWARE", r"SOFTWARE\Wow6432Node")
    ]
    parts = ["Windows Registry Editor Version 5.00\n"]
    for key, values in keys:
        parts.append("\n".join([f"[{key}]", *(f'"{name}"=dword:{value:08x}' for name, value in values.items())]) + "\n")
    return "\n".join(parts)


def _proxy(service: Service) -> str:
    return f"""Outlook asks the proxy of Internet Explorer, and a proxy often does not reach {service.host}.

Internet Options, Connections, LAN settings, Proxy server, Advanced, Exceptions: add
   {service.host}
For programs that use WinHTTP, as administrator (this replaces their list of exceptions):
   netsh winhttp show proxy
   netsh winhttp set proxy proxy-server="YOUR-PROXY:PORT" bypass-list="<local>;{service.host}"
"Automatically detect settings" costs seconds in a network without such a setting: switch it off.
The PC must know the name: ping {service.host} must find it. If it does not, ask for it in your DNS.
"""


def _sharepoint(service: Service, has_authority: bool) -> str:
    trust = (
        """SharePoint runs as a service, so import the certificate for the machine (import-ca.cmd as administrator), and give it to
SharePoint's own list in the SharePoint Management Shell:

   $ca = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2("C:\\windows-kit\\ca.cer")
   New-SPTrustedRootAuthority -Name "omsmodem" -Certificate $ca

"""
        if has_authority
        else ""
    )
    return f"""{trust}SharePoint 2010 and 2013 call through .NET: run enable-tls12.reg on every server and restart it.
Then, in the SharePoint Management Shell, for every web application that sends texts:

   Set-SPMobileMessagingAccount -Identity sms -WebApplication http://YOUR-SITE `
     -ServiceName "{service.name}" -ServiceUrl {service.uri} -UserId YOUR-USER -Password YOUR-PASSWORD

Central Administration has the same under System Settings, Configure mobile account.
"""


def _user(service: Service, user: KitUser) -> str:
    reply = f"\nYour number in Outlook     {user.reply_phone}" if user.reply_phone else ""
    return f"""{service.name} for {user.name}

Service provider address   {service.uri}
User name                  {user.name}
Password                   from {service.contact or "whoever runs the service"}{reply}

Outlook 2007 and 2010: Account Settings, New, Other, Text Messaging (SMS). Type the address exactly as it is here.
"""
