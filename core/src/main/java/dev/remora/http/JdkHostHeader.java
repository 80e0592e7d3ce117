package dev.remora.http;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Locale;

/**
 * The permission to send a {@code Host} header of one's own with the JDK's HttpClient. It is a system property that is read
 * once, by the first use of that client in the process. Stateless.
 */
public final class JdkHostHeader {

    private static final String PROPERTY = "jdk.httpclient.allowRestrictedHeaders";

    private JdkHostHeader() {}

    /** Gives the permission, beside those that were given. Whoever uses the client calls this before. */
    public static void allow() {
        String allowed = System.getProperty(PROPERTY, "");
        if (!allowed.toLowerCase(Locale.ROOT).matches("(.*,)?\\s*host\\s*(,.*)?")) {
            System.setProperty(PROPERTY, allowed.isBlank() ? "host" : allowed + ",host");
        }
    }

    /** Whether the permission came in time. */
    public static boolean isAllowed() {
        allow();
        try {
            HttpRequest unused = HttpRequest.newBuilder(URI.create("http://localhost/"))
                    .header("Host", "localhost")
                    .build();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
