package dev.remora.http;

import java.util.List;

/** The hop limit of OPTIONS and TRACE (RFC 9110, section 7.6.2). Stateless. */
public final class MaxForwards {

    private static final String NAME = "max-forwards";
    private static final int MAX_DIGITS = 9;

    private MaxForwards() {}

    /**
     * Whether a request must not travel on from here.
     *
     * @throws Rejection if its limit is not a number
     */
    public static boolean isReached(String method, Headers headers) {
        if (!method.equals("OPTIONS") && !method.equals("TRACE")) {
            return false;
        }
        List<String> limits = headers.values(NAME);
        if (limits.isEmpty()) {
            return false;
        }
        if (!isNumber(limits.get(0))) {
            throw Rejection.badRequest("Max-Forwards must be a number.");
        }
        return Integer.parseInt(limits.get(0)) == 0;
    }

    /** One hop less, if there is a limit above 0. */
    static void decrement(Headers headers) {
        List<String> limits = headers.values(NAME);
        if (!limits.isEmpty() && isNumber(limits.get(0)) && Integer.parseInt(limits.get(0)) > 0) {
            headers.set(NAME, Integer.toString(Integer.parseInt(limits.get(0)) - 1));
        }
    }

    private static boolean isNumber(String limit) {
        return !limit.isEmpty() && limit.length() <= MAX_DIGITS && limit.chars().allMatch(Characters::isDigit);
    }
}
