package dev.remora.affinity;

import dev.remora.affinity.StickyCookie.Tie;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The cookies whose signature was verified lately, so that the next request of the same client is spared the HMAC. It
 * holds at most {@link #SLOTS} of them, each in one of the {@link #WAYS} slots that its hash names; when these are taken,
 * a newer one pushes one of them out. Only what we have signed ourselves gets in, so a stranger cannot fill it. A cookie
 * is looked up where it stands in its header, without a copy. Thread-safe.
 */
final class VerifiedCookies {

    static final int SLOTS = 32_768;
    private static final int WAYS = 8;

    // The hash of each slot's cookie stands beside the others: a look finds out with one read of memory which of the
    // eight it is. The two arrays may differ for a moment, so what was found is asked for its own hash.
    private final AtomicLongArray hashes = new AtomicLongArray(SLOTS);
    private final AtomicReferenceArray<@Nullable Verified> slots = new AtomicReferenceArray<>(SLOTS);

    /** What was verified, or nothing: then it is to be verified. */
    @Nullable
    Verified find(String header, int from, int to) {
        long hash = TextHash.of(header, from, to);
        int first = firstSlot(hash);
        for (int i = first; i < first + WAYS; i++) {
            if (hashes.getPlain(i) == hash) {
                Verified found = slots.get(i);
                if (found != null && found.hash == hash && isEqual(found.value, header, from, to)) {
                    return found;
                }
            }
        }
        return null;
    }

    void add(Verified verified) {
        int first = firstSlot(verified.hash);
        for (int i = first; i < first + WAYS; i++) {
            if (slots.compareAndSet(i, null, verified)) {
                hashes.set(i, verified.hash);
                return;
            }
        }
        // Any one: the hash's high bits have no part in the choice of the eight.
        int pushedOut = first + (int) (verified.hash >>> 32 & (WAYS - 1));
        slots.set(pushedOut, verified);
        hashes.set(pushedOut, verified.hash);
    }

    private static int firstSlot(long hash) {
        return (int) hash & (SLOTS - WAYS);
    }

    // In constant time, as every check of a signature.
    private static boolean isEqual(String value, String header, int from, int to) {
        if (value.length() != to - from) {
            return false;
        }
        int differences = 0;
        for (int i = 0; i < value.length(); i++) {
            differences |= value.charAt(i) ^ header.charAt(from + i);
        }
        return differences == 0;
    }

    /**
     * A cookie that we have signed.
     *
     * @param value its whole value
     * @param hash of the value
     * @param issuedAt the second of its issue, since 1970; its age is checked each time
     * @param tie what it says; never empty, and wrapped once for all requests
     */
    record Verified(String value, long hash, long issuedAt, Optional<Tie> tie) {
        Verified(String value, long issuedAt, Tie tie) {
            this(value, TextHash.of(value), issuedAt, Optional.of(tie));
        }
    }
}
