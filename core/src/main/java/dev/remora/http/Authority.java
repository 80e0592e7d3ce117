package dev.remora.http;

/** The syntax of {@code host} and {@code host:port}, as in a Host header (RFC 3986, section 3.2, without user info). Stateless. */
public final class Authority {

    private Authority() {}

    /** Whether a text has this form. */
    public static boolean isValid(String authority) {
        int hostEnd = hostEnd(authority);
        return hostEnd > 0 && isPort(authority, hostEnd);
    }

    // Where the host ends, or -1 when there is no valid one.
    private static int hostEnd(String authority) {
        if (authority.startsWith("[")) {
            int bracket = authority.indexOf(']');
            String literal = authority.substring(1, Math.max(1, bracket));
            boolean known =
                    literal.indexOf(':') >= 0 && AddressLiteral.parse(literal).isPresent();
            return known ? bracket + 1 : -1;
        }
        int end = 0;
        while (end < authority.length() && Characters.isHost(authority.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isPort(String authority, int from) {
        if (from == authority.length()) {
            return true;
        }
        String port = authority.substring(from + 1);
        return authority.charAt(from) == ':'
                && port.length() <= 5
                && port.chars().allMatch(Characters::isDigit)
                && (port.isEmpty() || Integer.parseInt(port) <= 65_535);
    }
}
