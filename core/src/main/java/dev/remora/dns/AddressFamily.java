package dev.remora.dns;

/** Which of a name's addresses are back ends. */
public enum AddressFamily {
    /** The IPv4 addresses. */
    IPV4,
    /** The IPv6 addresses. */
    IPV6,
    /** The IPv4 addresses if there is any, else the IPv6 addresses: a machine that has both counts once. */
    EITHER,
    /** All addresses, for names whose IPv4 and IPv6 addresses are different machines. */
    BOTH
}
