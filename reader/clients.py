"""From where a request comes, as far as that can be believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# Whoever has an IPv6 address has as many of them as its network holds.
IPV6_PREFIX = 64


def client_of(request: HttpRequest) -> str:
    """Return the client's address; of IPv6 its network."""
    address = address_of(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address or "unknown")


def address_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Return the client's address, if there is one: it may have come by a socket of this machine.

    Who connects tells of another one in X-Forwarded-For, and is believed only where it is one of
    TRUSTED_PROXIES. Each proxy adds whom it heard from at the end, so the list is read from there.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while address and told and _is_trusted(address):
        before = _parsed(told.pop())
        if before is None:
            break
        address = before
    return address


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)
