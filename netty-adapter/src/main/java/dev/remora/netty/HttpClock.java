package dev.remora.netty;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code Date} header, formatted once a second. Thread-safe. */
final class HttpClock {

    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final InstantSource source;
    // Any thread replaces it; two threads may format the same second, and either text is right.
    private volatile Second current = new Second(Long.MIN_VALUE, "");

    HttpClock(InstantSource source) {
        this.source = source;
    }

    String date() {
        long second = Math.floorDiv(source.millis(), 1000L);
        Second known = current;
        if (known.epochSecond != second) {
            known = new Second(second, FORMAT.format(Instant.ofEpochSecond(second)));
            current = known;
        }
        return known.text;
    }

    private record Second(long epochSecond, String text) {}
}
