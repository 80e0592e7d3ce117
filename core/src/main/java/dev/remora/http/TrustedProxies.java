package dev.remora.http;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The proxies in front of this gateway whose {@code X-Forwarded-For} and {@code X-Forwarded-Proto} are believed, or where
 * both are missing, {@code Forwarded} (RFC 7239) in their place. This is the only place where the client's address is
 * resolved. Immutable and thread-safe.
 *
 * <p>The client is the right-most hop that is not a trusted proxy itself: everything to the left of it could have been made
 * up by the client. A hop that is no address, as {@code unknown}, ends the search at the one before. At most 100 hops are
 * looked at. Without trusted proxies the client is the peer of the connection.
 */
public final class TrustedProxies {

    private static final int MAX_HOPS = 100;
    private static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<AddressBlock> blocks;

    private TrustedProxies(List<AddressBlock> blocks) {
        this.blocks = blocks;
    }

    /** Nobody is trusted. */
    public static TrustedProxies none() {
        return NONE;
    }

    /**
     * Proxies by address or block of addresses.
     *
     * @param blocks literals such as {@code 10.0.0.0/8}, {@code 192.0.2.7} or {@code fd00::/8}; no host names
     * @throws IllegalArgumentException if one is not of that form
     */
    public static TrustedProxies of(String... blocks) {
        return new TrustedProxies(Arrays.stream(blocks).map(AddressBlock::parse).toList());
    }

    /** Whether this address is one of them. */
    public boolean contains(InetAddress address) {
        InetAddress plain = AddressLiteral.withoutMapping(address);
        for (AddressBlock block : blocks) {
            if (block.contains(plain)) {
                return true;
            }
        }
        return false;
    }

    /** Where a request really comes from. */
    public ClientOrigin origin(RequestView request) {
        InetAddress peer = AddressLiteral.withoutMapping(request.remoteAddress().getAddress());
        if (!contains(peer)) {
            return new ClientOrigin(peer, request.secure());
        }
        List<String> hops = elements(request.headers("x-forwarded-for"));
        List<String> schemes = elements(request.headers("x-forwarded-proto"));
        // A proxy that knows the older fields only passes on a newer one that the client has made up.
        if (hops.isEmpty() && schemes.isEmpty()) {
            return forwarded(request, peer);
        }
        return new ClientOrigin(client(hops, peer), isSecure(schemes, request.secure()));
    }

    private InetAddress client(List<String> hops, InetAddress peer) {
        InetAddress nearest = peer;
        int last = Math.max(0, hops.size() - MAX_HOPS);
        for (int i = hops.size() - 1; i >= last && contains(nearest); i--) {
            Optional<InetAddress> hop = AddressLiteral.parse(withoutPort(hops.get(i)));
            if (hop.isEmpty()) {
                return nearest;
            }
            nearest = hop.get();
        }
        return nearest;
    }

    private static boolean isSecure(List<String> schemes, boolean otherwise) {
        return schemes.isEmpty() ? otherwise : schemes.get(schemes.size() - 1).equalsIgnoreCase("https");
    }

    // The scheme is that of the hop which names the client: behind it a site may well speak plain HTTP.
    private ClientOrigin forwarded(RequestView request, InetAddress peer) {
        ForwardedHops hops = new ForwardedHops(request.headers("forwarded"));
        ClientOrigin nearest = new ClientOrigin(peer, request.secure());
        for (int i = 0; i < MAX_HOPS && contains(nearest.address()); i++) {
            Optional<ForwardedHops.Hop> hop = hops.next();
            Optional<InetAddress> from = hop.flatMap(named -> AddressLiteral.parse(withoutPort(named.from())));
            if (from.isEmpty()) {
                return nearest;
            }
            String proto = hop.get().proto();
            nearest = new ClientOrigin(from.get(), proto.isEmpty() ? nearest.secure() : proto.equals("https"));
        }
        return nearest;
    }

    private static List<String> elements(List<String> values) {
        List<String> all = new ArrayList<>();
        for (String value : values) {
            for (String element : value.split(",", -1)) {
                if (!element.isBlank()) {
                    all.add(element.strip());
                }
            }
        }
        return all;
    }

    // "192.0.2.7:4711" and "[2001:db8::1]:4711" occur in the wild.
    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end < 0 ? hop : hop.substring(1, end);
        }
        int colon = hop.indexOf(':');
        boolean onlyColon = colon >= 0 && hop.indexOf(':', colon + 1) < 0;
        return onlyColon ? hop.substring(0, colon) : hop;
    }
}
