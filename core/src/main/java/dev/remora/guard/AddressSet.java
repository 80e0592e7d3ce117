package dev.remora.guard;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;

/**
 * A set of IP addresses, named by blocks. Thread-safe; does not block.
 *
 * <p>A block is an address alone, or one with the number of bits that its addresses share (CIDR, RFC 4632 and RFC 4291):
 * {@code 192.0.2.7}, {@code 10.0.0.0/8}, {@code fd00::/8}. Bits behind those have to be 0. Ranges, wildcards, zones and
 * host names are refused. The families are apart: {@code ::/0} has no IPv4 address in it. An IPv4 address in the form of
 * an IPv6 address ({@code ::ffff:192.0.2.7}) is the IPv4 address.
 *
 * <p>The sets of the catalogue need the library {@code com.github.seancfoley:ipaddress}, which the user adds. They are
 * made for hundreds of thousands of blocks: a look-up takes at most one step for each four bits of the address.
 */
@FunctionalInterface
public interface AddressSet {

    /** Whether an address is in the set. */
    boolean contains(InetAddress address);

    /**
     * The addresses of some blocks.
     *
     * @throws IllegalArgumentException if one is not of that form
     */
    static AddressSet of(String... blocks) {
        return of(Arrays.asList(blocks));
    }

    /**
     * The addresses of some blocks.
     *
     * @throws IllegalArgumentException if one is not of that form
     */
    static AddressSet of(Collection<String> blocks) {
        return AddressTries.of(blocks.stream().map(AddressText::parse).toList());
    }

    /**
     * The addresses of the blocks in a text file, one a line, in UTF-8 and up to 16 MiB; what follows a {@code #} is a comment. The
     * file is looked at once a second, and a change is taken when it has lasted for a second more. A file that has become
     * bad or is gone leaves the set as it was, and the log says once why.
     *
     * @throws IllegalArgumentException if the file cannot be read or is bad now, with the line
     */
    static AddressSet file(Path path) {
        FollowedFile<AddressSet> file = FollowedFile.of(path, AddressTries::lines);
        return address -> file.value().contains(address);
    }
}
