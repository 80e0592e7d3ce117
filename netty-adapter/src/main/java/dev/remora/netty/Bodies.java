package dev.remora.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

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
}
