package dev.remora.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;

/** What the headers of a message say of its body. Their values have been judged before. */
final class Bodies {

    private Bodies() {}

    static boolean isChunked(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** The announced length, or -1 when there is none. */
    static long length(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length == null ? -1 : Long.parseLong(length);
    }

    /** Whether at least one byte of body may follow a request's head. */
    static boolean isAnnounced(HttpHeaders headers) {
        return isChunked(headers) || length(headers) > 0;
    }

    /** Whether only the end of the connection ends a response's body, if it has one. */
    static boolean endsWithConnection(HttpResponse response) {
        HttpHeaders headers = response.headers();
        int status = response.status().code();
        return status >= 200
                && status != 204
                && status != 304
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** Whether a response announces a body that it cannot have: one may follow all the same. */
    static boolean isSuspect(HttpResponse response) {
        return response.status().code() == 204 && (isChunked(response.headers()) || length(response.headers()) > 0);
    }
}
