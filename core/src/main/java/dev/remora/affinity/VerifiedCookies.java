package dev.remora.affinity;

import dev.remora.affinity.StickyCookie.Tie;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The cookies that were verified twice lately, so that the further requests of their clients are spared the HMAC. It holds at
 * most {@link #SLOTS} of them, each in one of the {@link #WAYS} slots that its fingerprint names; when these are taken, a newer
 * one pushes one of them out. Only what we have signed ourselves gets in, so a stranger cannot fill it. A cookie is looked
 * up where it stands in its header, without a copy. Thread-safe.
 */
final class VerifiedCookies {

    static final int SLOTS = 32_768;
    private static final int WAYS = 8;

    // A cookie ends with its signature, whose characters are as good as random: these alone tell our cookies apart.
    private static final int FINGERPRINT_CHARACTERS = 12;

    // The fingerprint of each slot's cookie stands beside the others: a look finds out with one read of memory which of
    // the eight it is. The two arrays may differ for a moment, so what was found is compared as a whole.
    private final AtomicLongArray fingerprints = new AtomicLongArray(SLOTS);
    private final AtomicReferenceArray<@Nullable Verified> slots = new AtomicReferenceArray<>(SLOTS);

    /** What was verified, or nothing: then it is to be verified. */
    @Nullable
    Verified find(String header, int from, int to) {
        long fingerprint = fingerprint(header, from, to);
        int first = firstSlot(fingerprint);
        for (int i = first; i < first + WAYS; i++) {
            if (fingerprints.getPlain(i) == fingerprint) {
                Verified found = slots.get(i);
                if (found != null && isEqual(found.value, header, from, to)) {
                    return found;
                }
            }
        }
        return null;
    }

    /**
     * Remembers a cookie that stands in a header: of one that is new its fingerprint alone, which costs next to nothing, for
     * it may never be seen again.
     *
     * @param value its whole value, the bytes of its characters; kept
     * @param refreshedAt the second at which it was last sent, since 1970
     * @param tie what it says
     */
    Verified add(String header, int from, int to, byte[] value, long refreshedAt, Tie tie) {
        long fingerprint = fingerprint(header, from, to);
        Verified verified = new Verified(value, refreshedAt, Optional.of(tie));
        int first = firstSlot(fingerprint);
        // Any one, when all are taken: the high bits have no part in the choice of the eight.
        int free = first + (int) (fingerprint >>> 32 & (WAYS - 1));
        for (int i = first; i < first + WAYS; i++) {
            long taken = fingerprints.getPlain(i);
            if (taken == fingerprint) {
                slots.setRelease(i, verified);
                return verified;
            }
            if (taken == 0) {
                free = i;
            }
        }
        fingerprints.setPlain(free, fingerprint);
        return verified;
    }

    private static int firstSlot(long fingerprint) {
        return (int) fingerprint & (SLOTS - WAYS);
    }

    private static long fingerprint(String text, int from, int to) {
        return TextHash.of(text, Math.max(from, to - FINGERPRINT_CHARACTERS), to);
    }

    // In constant time, as every check of a signature.
    private static boolean isEqual(byte[] value, String header, int from, int to) {
        if (value.length != to - from) {
            return false;
        }
        int differences = 0;
        for (int i = 0; i < value.length; i++) {
            differences |= value[i] ^ header.charAt(from + i);
        }
        return differences == 0;
    }

    /**
     * A cookie that we have signed.
     *
     * @param value its whole value
     * @param refreshedAt the second at which it was last sent, since 1970; its age is checked each time
     * @param tie what it says; never empty, and wrapped once for all requests
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Verified(byte[] value, long refreshedAt, Optional<Tie> tie) {}
}
