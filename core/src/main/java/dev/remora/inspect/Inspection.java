package dev.remora.inspect;

import dev.remora.guard.Guard;
import dev.remora.http.Cookies;
import java.util.List;
import java.util.Objects;

/**
 * How requests are inspected: sets up a {@link Guard}. By default that only watches and tells its listener; when it is
 * {@linkplain #blocking blocking} it refuses with 403, and does not say why.
 *
 * <p>It looks at the path, at names and values of query parameters and of the fields of {@linkplain #forms forms}, at
 * {@code User-Agent} and {@code Referer}, and at the values of cookies; never at {@code Authorization}. Other bodies are left
 * alone unless {@linkplain #bodies asked for}: people ask a chat about SQL and HTML. What a request costs is bounded by
 * {@link #characters}: with the built-in rules some microseconds as a rule, some milliseconds when it is made to be slow.
 *
 * <pre>{@code
 * Guard guard = Inspection.by(Inspector.rules(RuleSet.builtIn()))
 *         .listener((visitor, report) -> log.info("suspicious: {}", report.findings()))
 *         .blocking()
 *         .guard();
 * }</pre>
 *
 * <p>A seat belt, not a web application firewall: see the package. Not thread-safe; the guards are.
 */
public final class Inspection {

    private static final int MOST_CHARACTERS = 1 << 20;
    private static final int LARGEST_BODY = 64 * 1024;

    final Inspector inspector;
    InspectionListener listener = (visitor, report) -> {};
    List<String> headers = List.of("user-agent", "referer");
    int threshold = 5;
    int characters = 8 * 1024;
    int formBytes = 16 * 1024;
    int bodyBytes;
    boolean blocking;
    boolean refusingTruncated;
    boolean showingTexts;

    private Inspection(Inspector inspector) {
        this.inspector = Objects.requireNonNull(inspector, "inspector");
    }

    /** An inspection that only watches, with nobody who listens yet. */
    public static Inspection by(Inspector inspector) {
        return new Inspection(inspector);
    }

    /** Who hears of what is found; nobody by default. */
    public Inspection listener(InspectionListener who) {
        this.listener = Objects.requireNonNull(who, "listener");
        return this;
    }

    /** The score from which a request is refused, at least 1; 5 by default, which is one sure sign. */
    public Inspection threshold(int score) {
        requireBetween("threshold", score, 1, Integer.MAX_VALUE);
        this.threshold = score;
        return this;
    }

    /** The headers whose values are inspected, cookies aside; {@code User-Agent} and {@code Referer} by default. */
    public Inspection headers(String... names) {
        for (String name : names) {
            if (!Cookies.isToken(name) || name.equalsIgnoreCase("authorization") || name.equalsIgnoreCase("cookie")) {
                throw new IllegalArgumentException("header: " + name
                        + " (expected: a token; not Authorization, nor Cookie, which is inspected anyway)");
            }
        }
        this.headers = List.of(names);
        return this;
    }

    /**
     * The most characters of a request's head that are inspected, 256 to 1,048,576; 8,192 by default. A text of less than
     * four counts as four. Path and query come first, then headers, then cookies; what is beyond is not looked at and counts
     * as truncated. Who pads a request so far hides the rest of it, unless those are {@linkplain #refusingTruncated refused}.
     */
    public Inspection characters(int most) {
        requireBetween("characters", most, 256, MOST_CHARACTERS);
        this.characters = most;
        return this;
    }

    /**
     * How much of a form is inspected: of a body in {@code application/x-www-form-urlencoded}. An adapter that can hold it back does
     * so until as much is there, or all of it; with others it passes. What is beyond is not looked at and counts as truncated.
     * How it is read is told at {@link #bodies}.
     *
     * @param most bytes, and characters as {@link #characters} counts them, up to 65,536; 16,384 by default; 0 leaves forms alone
     */
    public Inspection forms(int most) {
        requireBetween("forms", most, 0, LARGEST_BODY);
        this.formBytes = most;
        return this;
    }

    /**
     * Inspects the beginning of other bodies than {@linkplain #forms forms}, too, where the adapter can hold them back: the strings
     * of JSON, and what is neither as one text. What is beyond is not looked at and counts as truncated.
     *
     * <p>All are read as UTF-8, and those whose {@code Content-Type} names UTF-16, UTF-32 or EBCDIC as that, too: back ends may
     * heed it or not. Those that are compressed cannot be read. Whatever is said to be compressed, or to be in an encoding that is
     * unlike ASCII or unknown, counts as truncated.
     *
     * @param most bytes, and characters as {@link #characters} counts them, 1 to 65,536
     */
    public Inspection bodies(int most) {
        requireBetween("bodies", most, 1, LARGEST_BODY);
        this.bodyBytes = most;
        return this;
    }

    /** Refuses requests that reach the threshold. */
    public Inspection blocking() {
        this.blocking = true;
        return this;
    }

    /**
     * Refuses requests that could not be inspected to their end, too, or not for sure; by default they pass when nothing was
     * found in the rest. Only when {@link #blocking}.
     */
    public Inspection refusingTruncated() {
        this.refusingTruncated = true;
        return this;
    }

    /** Shows the listener in which texts something was found. They may hold passwords and other secrets. */
    public Inspection showingTexts() {
        this.showingTexts = true;
        return this;
    }

    /** A guard with these settings, which later changes do not reach. */
    public Guard guard() {
        if (refusingTruncated && !blocking) {
            throw new IllegalStateException("refusingTruncated: without blocking (expected: with it)");
        }
        return new InspectionGuard(this);
    }

    private static void requireBetween(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
