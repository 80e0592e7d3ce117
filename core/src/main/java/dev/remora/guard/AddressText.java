package dev.remora.guard;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import inet.ipaddr.IncompatibleAddressException;
import java.util.regex.Pattern;

/** Reads blocks of addresses. The only class here that knows the address library, so that the others do without. Stateless. */
final class AddressText {

    private static final int MAX_LENGTH = 49;
    private static final int MAPPED_BITS = 96;
    private static final Pattern CHARACTERS = Pattern.compile("[0-9a-fA-F:.]+(/(0|[1-9][0-9]*))?");

    private static final IPAddressStringParameters FORM = form();

    private AddressText() {}

    // The library reads far more forms than we want to be written. Those that need other characters never get to it.
    private static IPAddressStringParameters form() {
        IPAddressStringParameters.Builder form = new IPAddressStringParameters.Builder()
                .allowAll(false)
                .allowEmpty(false)
                .allowMask(false)
                .allowPrefixOnly(false)
                .allowSingleSegment(false)
                .allow_inet_aton(false);
        form.getIPv4AddressParametersBuilder().allowBinary(false).allowLeadingZeros(false);
        form.getIPv6AddressParametersBuilder().allowBinary(false).allowBase85(false);
        return form.toParams();
    }

    /**
     * The block that a text names.
     *
     * @throws IllegalArgumentException if it is not of the form of {@link AddressSet}
     */
    static Prefix parse(String text) {
        IPAddress block = block(text);
        int bits = block.isPrefixed() ? block.getNetworkPrefixLength() : block.getBitCount();
        if (!block.isPrefixBlock() && block.isPrefixed()) {
            throw new IllegalArgumentException("address: " + text + " (expected: no bits set behind the first " + bits
                    + ", as in " + block.toPrefixBlock().toCanonicalString() + ")");
        }
        byte[] first = block.getLower().getBytes();
        if (block.isIPv4()) {
            return new Prefix(true, (long) AddressTries.int32(first, 0) << 32, 0, bits);
        }
        long high = AddressTries.int64(first, 0);
        long low = AddressTries.int64(first, 8);
        return bits >= MAPPED_BITS && AddressTries.isMapped(high, low)
                ? new Prefix(true, low << 32, 0, bits - MAPPED_BITS)
                : new Prefix(false, high, low, bits);
    }

    private static IPAddress block(String text) {
        if (text.length() > MAX_LENGTH) {
            throw wrong(text.substring(0, MAX_LENGTH) + "...");
        }
        if (!CHARACTERS.matcher(text).matches()) {
            throw wrong(text);
        }
        try {
            IPAddress block = new IPAddressString(text, FORM).toAddress();
            if (block == null) {
                throw wrong(text);
            }
            return block;
        } catch (AddressStringException | IncompatibleAddressException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "address: " + text + " (expected: an address or a block such as 10.0.0.0/8 or fd00::/8)");
    }
}
