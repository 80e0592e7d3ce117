package dev.remora.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads IP addresses without ever asking a name server. Stateless. */
public final class AddressLiteral {

    // What may be handed to InetAddress without it asking a name server: four octets, or anything with a colon that
    // begins as an IPv6 literal does.
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");
    private static final int MAX_LENGTH = 45;

    private AddressLiteral() {}

    /**
     * The address that a literal stands for, without brackets; nothing when the text is not one. An IPv4 address in the form
     * of an IPv6 address is the IPv4 address.
     */
    public static Optional<InetAddress> parse(String text) {
        if (text.length() > MAX_LENGTH
                || !(IPV4.matcher(text).matches() || IPV6.matcher(text).matches())) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** The address itself, or the IPv4 address that stands in one of IPv6 ({@code ::ffff:192.0.2.1}). */
    public static InetAddress withoutMapping(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has another length than itself", e);
        }
    }
}
