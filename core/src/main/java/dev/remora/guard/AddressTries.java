package dev.remora.guard;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.List;

/** One trie for each family. Immutable. */
final class AddressTries implements AddressSet {

    private static final int IPV4_BYTES = 4;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    // What an IPv4 address in the form of an IPv6 address has behind 64 bits of zeros (RFC 4291, section 2.5.5.2).
    private static final long MAPPED = 0xffff;

    private final PrefixTrie ipv4;
    private final PrefixTrie ipv6;

    private AddressTries(PrefixTrie ipv4, PrefixTrie ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    static AddressTries of(List<Prefix> prefixes) {
        return new AddressTries(
                PrefixTrie.of(prefixes.stream().filter(Prefix::isIpv4).toList()),
                PrefixTrie.of(
                        prefixes.stream().filter(prefix -> !prefix.isIpv4()).toList()));
    }

    static AddressSet lines(String text) {
        return of(TextLines.read(text, AddressText::parse));
    }

    @Override
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == IPV4_BYTES) {
            return ipv4.contains((long) int32(bytes, 0) << 32, 0);
        }
        long high = int64(bytes, 0);
        long low = int64(bytes, 8);
        return isMapped(high, low) ? ipv4.contains(low << 32, 0) : ipv6.contains(high, low);
    }

    static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == MAPPED;
    }

    static long int64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    // Byte by byte: then the JIT sees that nobody needs the array, and there is none.
    static int int32(byte[] bytes, int at) {
        return (bytes[at] << 24)
                | ((bytes[at + 1] & 0xff) << 16)
                | ((bytes[at + 2] & 0xff) << 8)
                | (bytes[at + 3] & 0xff);
    }
}
