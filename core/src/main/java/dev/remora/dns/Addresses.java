package dev.remora.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * The addresses of one host.
 *
 * @param addresses at least one
 * @param ttlSeconds how long they hold
 */
record Addresses(List<InetAddress> addresses, long ttlSeconds) {

    /**
     * Asks for them. When one family of {@link AddressFamily#BOTH} is not answered, half of the back ends would seem to
     * be gone, so the whole lookup fails.
     */
    static Addresses of(Name host, AddressFamily family, Resolvers resolvers)
            throws LookupFailed, InterruptedException {
        return switch (family) {
            case IPV4 -> ask(host, Type.A, resolvers);
            case IPV6 -> ask(host, Type.AAAA, resolvers);
            case EITHER -> either(host, resolvers);
            case BOTH -> both(host, resolvers);
        };
    }

    private static Addresses either(Name host, Resolvers resolvers) throws LookupFailed, InterruptedException {
        try {
            return ask(host, Type.A, resolvers);
        } catch (LookupFailed e) {
            if (e.isAbsent()) {
                return ask(host, Type.AAAA, resolvers);
            }
            throw e;
        }
    }

    private static Addresses both(Name host, Resolvers resolvers) throws LookupFailed, InterruptedException {
        Addresses first;
        try {
            first = ask(host, Type.A, resolvers);
        } catch (LookupFailed e) {
            if (e.isAbsent()) {
                return ask(host, Type.AAAA, resolvers);
            }
            throw e;
        }
        try {
            return first.and(ask(host, Type.AAAA, resolvers));
        } catch (LookupFailed e) {
            if (e.isAbsent()) {
                return first;
            }
            throw e;
        }
    }

    private Addresses and(Addresses others) {
        List<InetAddress> all = new ArrayList<>(addresses);
        all.addAll(others.addresses);
        return new Addresses(all, Math.min(ttlSeconds, others.ttlSeconds));
    }

    private static Addresses ask(Name host, int type, Resolvers resolvers) throws LookupFailed, InterruptedException {
        Resolvers.Answer answer = resolvers.ask(host, type);
        return new Addresses(answer.records().stream().map(Addresses::address).toList(), answer.ttlSeconds());
    }

    private static InetAddress address(Record one) {
        return one instanceof ARecord v4 ? v4.getAddress() : ((AAAARecord) one).getAddress();
    }
}
