package dev.remora.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;

/** The hop limit of OPTIONS and TRACE (RFC 9110, section 7.6.2). */
final class MaxForwards {

    private MaxForwards() {}

    /**
     * Whether a request must not travel on from here.
     *
     * @throws Rejection if its limit is not a number
     */
    static boolean isReached(HttpRequest request) {
        HttpMethod method = request.method();
        if (!method.equals(HttpMethod.OPTIONS) && !method.equals(HttpMethod.TRACE)) {
            return false;
        }
        String limit = request.headers().get(HttpHeaderNames.MAX_FORWARDS);
        if (limit == null) {
            return false;
        }
        if (limit.isEmpty() || limit.length() > 9 || !limit.chars().allMatch(Characters::isDigit)) {
            throw Rejection.badRequest("Max-Forwards must be a number.");
        }
        return Integer.parseInt(limit) == 0;
    }

    /** One hop less, if a limit that was found to be a number is there. */
    static void decrement(HttpHeaders headers) {
        String limit = headers.get(HttpHeaderNames.MAX_FORWARDS);
        boolean number = limit != null
                && !limit.isEmpty()
                && limit.length() <= 9
                && limit.chars().allMatch(Characters::isDigit);
        if (number && Integer.parseInt(limit) > 0) {
            headers.setInt(HttpHeaderNames.MAX_FORWARDS, Integer.parseInt(limit) - 1);
        }
    }
}
