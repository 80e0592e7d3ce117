package dev.remora.dns;

import dev.remora.pool.Backend;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import org.xbill.DNS.Address;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/** Turns names and addresses into ids and URIs. */
final class DnsNames {

    private static final int MAX_ID = 128;

    private DnsNames() {}

    /** A name, absolute if it ends in a dot. */
    static Name of(String what, String name) {
        try {
            boolean literal = Address.isDottedQuad(name) || name.contains(":");
            if (!name.isEmpty() && !name.equals(".") && !literal) {
                return Name.fromString(name);
            }
        } catch (TextParseException e) {
            throw new IllegalArgumentException(expectation(what, name), e);
        }
        throw new IllegalArgumentException(expectation(what, name));
    }

    private static String expectation(String what, String name) {
        return what + ": \"" + name + "\" (expected: a DNS name)";
    }

    /** The back end at an address of a host. */
    static Backend backend(String scheme, Name host, InetAddress address, int port) {
        String literal = address.getHostAddress();
        String authority = (address instanceof Inet6Address ? "[" + literal + "]" : literal) + ":" + port;
        String name = host.toString(true).toLowerCase(Locale.ROOT);
        return Backend.of(fitting(name, MAX_ID - authority.length() - 1) + "@" + authority, scheme + "://" + authority);
    }

    // The digest keeps names apart that begin alike; it is the same in every gateway.
    private static String fitting(String name, int length) {
        if (name.length() <= length) {
            return name;
        }
        String digest = "~%08x".formatted(name.hashCode());
        return name.substring(0, length - digest.length()) + digest;
    }
}
