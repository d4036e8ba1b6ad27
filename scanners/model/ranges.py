"""Ranges of addresses: which of them mean everybody."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_network

from scanners.model.evidence import Gap, Node, State, Unread

UNIQUE_LOCAL = IPv6Network("fc00::/7")


def is_internet(cidr: Node) -> bool:
    """Whether a range is so wide that it means everybody.  The widths are those that S3 draws its line at ("The meaning
    of public"): so halves and quarters of 0.0.0.0/0 are the internet too.
    """
    try:
        network = ip_network(cidr.text(), strict=False)
    except ValueError:
        raise Unread(Gap(cidr.call, "", State.PARSE_ERROR, f"{cidr.pointer} is no range", cidr.region)) from None
    if isinstance(network, IPv6Network):
        return network.prefixlen < 32 and not network.subnet_of(UNIQUE_LOCAL)
    return network.prefixlen < 8
