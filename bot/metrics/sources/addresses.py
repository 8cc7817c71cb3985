"""Which addresses a source may be read from. Pure: the guard against being sent inwards.

A host's name is checked by the operator's declaration, its address here, for each connection, after
DNS has answered: a name that resolves to another address the second time gains nothing.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses that stand for an IPv4 one behind a translator (RFC 6052)."""

SHARED = IPv4Network("100.64.0.0/10")
"""Addresses between a network and its carrier (RFC 6598), which private overlays use too."""

METADATA = frozenset({ip_address("100.100.100.200"), ip_address("fd00:ec2::254")})
"""Where clouds keep their keys outside the link-local addresses."""

Address = IPv4Address | IPv6Address


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """Tell whether a connection to ``address`` may be made.

    Public ones always; private, shared and loopback ones with ``allow_private``; link-local ones
    and others where clouds keep their secrets, multicast and reserved ones never.
    """
    try:
        found = _meant(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found.is_loopback:
        return allow_private
    if (
        found in METADATA
        or found.is_link_local
        or found.is_multicast
        or found.is_unspecified
        or found.is_reserved
    ):
        return False
    is_inner = found.is_private or (isinstance(found, IPv4Address) and found in SHARED)
    return found.is_global or (allow_private and is_inner)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def is_host_allowed(host: str, own: str, more: tuple[str, ...]) -> bool:
    """Tell whether a redirect may lead to ``host`` from a source at ``own``."""
    host = host.lower().rstrip(".")
    if host == own.lower().rstrip("."):
        return True
    for allowed in (one.lower() for one in more):
        if host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:])):
            return True
    return False
