package dev.remora.benchmarks.peer;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Affinity keys that were made beforehand: a text of 24 characters each, a 64-bit hash of it, and an IPv4 address.
 * Immutable.
 */
public final class Keys {

    private static final Hasher64 FAST_HASH = Hashing.wyhashFinal4();
    private static final int LENGTH = 24;
    private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

    private final String[] texts;
    private final long[] hashes;
    private final InetAddress[] addresses;

    /**
     * Draws keys.
     *
     * @param size how many
     * @param seed the same seed gives the same keys
     */
    public Keys(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        texts = new String[size];
        hashes = new long[size];
        addresses = new InetAddress[size];
        for (int i = 0; i < size; i++) {
            texts[i] = text(random);
            hashes[i] = hash(texts[i]);
            addresses[i] = ipv4(random.nextInt());
        }
    }

    /** How many there are. */
    public int size() {
        return texts.length;
    }

    String text(int key) {
        return texts[key];
    }

    long hash(int key) {
        return hashes[key];
    }

    InetAddress address(int key) {
        return addresses[key];
    }

    /** The hash for all peers that want a hash and bring no function for it: one of the fastest there are. */
    static long hash(String text) {
        return FAST_HASH.hashCharsToLong(text);
    }

    private static InetAddress ipv4(int bits) {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bits).array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are an address", e);
        }
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
