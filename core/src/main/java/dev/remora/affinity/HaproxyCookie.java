package dev.remora.affinity;

import dev.remora.affinity.AddressedCookie.FormReader;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * A cookie of HAProxy: {@code server}, {@code server|LAST}, {@code server|LAST|FIRST}, or {@code server~value}.
 *
 * @param mark what follows the server's text
 * @param maxIdle in seconds; 0 when its date is not judged
 * @param maxLife likewise
 */
record HaproxyCookie(
        String cookieName,
        Function<Backend, Optional<String>> calling,
        AddressNaming naming,
        char mark,
        long maxIdle,
        long maxLife)
        implements ForeignCookie.Haproxy {

    static final char DATES = '|';
    static final char PREFIX = '~';

    private static final int DATE_LENGTH = 5;
    private static final int DATE_BITS = 6;
    private static final int DATE_UNIT_BITS = 2; // of 4 seconds
    private static final long MAX_SKEW = Duration.ofDays(1).toSeconds();
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    HaproxyCookie(String cookieName, Function<Backend, Optional<String>> calling, AddressNaming naming, char mark) {
        this(cookieName, calling, naming, mark, 0, 0);
    }

    @Override
    public Haproxy naming(Function<Backend, String> name) {
        return new HaproxyCookie(
                cookieName, backend -> Optional.of(name.apply(backend)), naming, mark, maxIdle, maxLife);
    }

    @Override
    public Haproxy maxIdle(Duration time) {
        return new HaproxyCookie(cookieName, calling, naming, mark, seconds("max idle", time), maxLife);
    }

    @Override
    public Haproxy maxLife(Duration time) {
        return new HaproxyCookie(cookieName, calling, naming, mark, maxIdle, seconds("max life", time));
    }

    private static long seconds(String name, Duration time) {
        if (time.toSeconds() < 1) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: >= PT1S)");
        }
        return time.toSeconds();
    }

    @Override
    public Reader reader(Snapshot members) {
        MemberNames names = new MemberNames(members, calling, naming);
        return mark == PREFIX
                ? new HaproxyPrefix(cookieName, names, names.values())
                : new FormReader(cookieName, names, this::dated);
    }

    @Override
    public Reader updated(Reader before, Snapshot members) {
        Reader after = reader(members);
        return after instanceof HaproxyPrefix prefix ? prefix.remembering((HaproxyPrefix) before) : after;
    }

    private Optional<BackendId> dated(MemberNames names, String text, int from, int to, long now) {
        int last = markOrEnd(text, from, to);
        int first = markOrEnd(text, last + 1, to);
        boolean good = isWithin(maxLife, text, first + 1, to, now) && isWithin(maxIdle, text, last + 1, first, now);
        return good ? names.find(text, from, last) : Optional.empty();
    }

    private static int markOrEnd(String text, int from, int to) {
        int found = text.indexOf(DATES, from);
        return found < 0 || found > to ? to : found;
    }

    // A cookie without the date is good: HAProxy adds one.
    private static boolean isWithin(long limit, String text, int from, int to, long now) {
        if (limit == 0 || from >= to) {
            return true;
        }
        long date = date(text, from, to);
        return date >= 0 && now - date <= limit && date - now <= MAX_SKEW;
    }

    /** Thirty bits in five digits of base64, the highest first, in units of four seconds; -1 when it is none. */
    static long date(String text, int from, int to) {
        if (to - from != DATE_LENGTH) {
            return -1;
        }
        long units = 0;
        for (int i = from; i < to; i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                return -1;
            }
            units = units << DATE_BITS | digit;
        }
        return units << DATE_UNIT_BITS;
    }
}
