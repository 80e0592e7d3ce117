package dev.remora.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** What the head of a back end's response must be. */
final class ResponseRules {

    private ResponseRules() {}

    static boolean areObeyed(HttpResponse response) {
        HttpVersion version = response.protocolVersion();
        int status = response.status().code();
        List<String> codings = response.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = response.headers().getAll(HttpHeaderNames.CONTENT_LENGTH);
        boolean framed = codings.isEmpty()
                || (lengths.isEmpty()
                        && codings.size() == 1
                        && codings.get(0).equalsIgnoreCase("chunked")
                        && version.equals(HttpVersion.HTTP_1_1));
        return framed
                && lengths.size() <= 1
                && status >= 100
                && status <= 599
                && (version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0));
    }

    /** Whether a response has no body whatever its headers say. */
    static boolean isBodiless(int status, HttpMethod method) {
        return method.equals(HttpMethod.HEAD) || status < 200 || status == 204 || status == 304;
    }

    /** Whether only the end of the connection ends the body, if it has one. */
    static boolean endsWithConnection(HttpResponse response) {
        HttpHeaders headers = response.headers();
        int status = response.status().code();
        return status >= 200
                && status != 204
                && status != 304
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** Whether it announces a body that it cannot have: one may follow all the same. */
    static boolean isSuspect(HttpResponse response) {
        return response.status().code() == 204
                && (response.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                        || Bodies.length(response.headers()) > 0);
    }
}
