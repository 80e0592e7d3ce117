package dev.remora.http;

import java.util.List;

/** What the head of a back end's response must be. Stateless. */
public final class ResponseRules {

    private ResponseRules() {}

    /**
     * Whether a response's status is one, and its body is framed in one way only.
     *
     * @param http11 whether it came as HTTP/1.1, which alone knows transfer codings
     */
    public static boolean areObeyed(int status, boolean http11, Headers headers) {
        List<String> codings = headers.values("transfer-encoding");
        List<String> lengths = headers.values("content-length");
        boolean framed = codings.isEmpty()
                || (lengths.isEmpty() && codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked") && http11);
        return framed
                && lengths.size() <= 1
                && lengths.stream().allMatch(RequestRules::isLength)
                && status >= 100
                && status <= 599;
    }

    /** Whether a response has no body whatever its headers say. */
    public static boolean isBodiless(int status, String method) {
        return method.equals("HEAD") || status < 200 || status == 204 || status == 304;
    }
}
