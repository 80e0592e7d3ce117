package dev.remora.netty;

import dev.remora.http.Characters;
import dev.remora.http.ProxyHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.TimeUnit;

/**
 * Whether, and for how long, a connection may serve another request after a response.
 *
 * @param hintNanos the idle time that the back end allows, or {@link #NO_HINT}; not above 0 when there is no reuse
 */
record Reuse(long hintNanos) {

    static final Reuse NEVER = new Reuse(0);

    private static final long NO_HINT = Long.MAX_VALUE;
    // Who says "timeout=5" closes after five seconds sharp by its own clock.
    private static final long MARGIN_SECONDS = 1;

    boolean isPossible() {
        return hintNanos > 0;
    }

    /** The longest idle time, given our own limit. */
    long idleNanos(long limitNanos) {
        return Math.min(limitNanos, hintNanos);
    }

    static Reuse after(HttpResponse response) {
        HttpHeaders headers = response.headers();
        boolean mayStay = response.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && response.status().code() >= 200
                && !ProxyHeaders.mentions(headers.getAll(HttpHeaderNames.CONNECTION), "close")
                && !Bodies.endsWithConnection(response)
                && !Bodies.isSuspect(response);
        return mayStay ? new Reuse(hint(headers)) : NEVER;
    }

    private static long hint(HttpHeaders headers) {
        for (String value : headers.getAll("keep-alive")) {
            for (String parameter : value.split(",", -1)) {
                String stripped = parameter.strip();
                if (stripped.regionMatches(true, 0, "timeout=", 0, 8)) {
                    return seconds(stripped.substring(8));
                }
            }
        }
        return NO_HINT;
    }

    private static long seconds(String text) {
        boolean number = !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(Characters::isDigit);
        return number ? TimeUnit.SECONDS.toNanos(Long.parseLong(text) - MARGIN_SECONDS) : NO_HINT;
    }
}
