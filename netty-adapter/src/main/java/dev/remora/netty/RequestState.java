package dev.remora.netty;

import dev.remora.http.ProxyHeaders;
import dev.remora.http.Rejection;
import dev.remora.http.RequestRules;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/** What a client's connection must know of the request in hand to decide whether it can be kept. */
final class RequestState {

    // More of a body that nobody wants any more costs more than a new connection.
    private static final int MAX_UNWANTED_BYTES = 64 * 1024;

    private final boolean http10;
    private final boolean head;
    private final boolean keepAliveAsked;
    private final boolean continueAsked;
    private boolean continueSent;
    private boolean received;
    private boolean broken;
    private boolean close;
    private boolean answered;
    // Negative when the request does not say.
    private long announcedBytes;
    private long bodyBytes;

    RequestState(HttpRequest request) {
        http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        head = request.method().equals(HttpMethod.HEAD);
        keepAliveAsked = HttpUtil.isKeepAlive(request);
        continueAsked = request.headers().contains(HttpHeaderNames.EXPECT);
    }

    /** The head is valid. Without a body nothing is awaited behind it. */
    void accepted(HttpRequest request) {
        received = !Bodies.isAnnounced(request.headers());
        announcedBytes = Bodies.length(request.headers());
    }

    /** Whether all of the request has arrived. */
    boolean isReceived() {
        return received;
    }

    /** Whether the rest of what arrives means nothing. */
    boolean isBroken() {
        return broken;
    }

    /** The answer is complete. */
    void answered() {
        answered = true;
    }

    /** Whether the answer is complete; what is still to come of the request then is wanted by nobody. */
    boolean isAnswered() {
        return answered;
    }

    /** Whether the connection must be closed behind the answer. */
    boolean mustClose() {
        return close || broken || !isRestShort();
    }

    /** Whether the rest of the request is known to be so short that it can be read and thrown away. */
    private boolean isRestShort() {
        return received || (announcedBytes >= 0 && announcedBytes - bodyBytes <= MAX_UNWANTED_BYTES);
    }

    /**
     * A piece of the body has arrived.
     *
     * @throws Rejection if it breaks the rules; the rest of what arrives means nothing then
     */
    void received(HttpContent content, Limits limits) {
        received |= content instanceof LastHttpContent;
        bodyBytes += content.content().readableBytes();
        if (content.decoderResult().isFailure()) {
            broken = true;
            throw DecodedRequests.bodyRejection(content.decoderResult().cause());
        } else if (bodyBytes > limits.maxRequestBodyBytes()) {
            broken = true;
            received = true;
            throw RequestRules.bodyTooLarge(limits.maxRequestBodyBytes());
        }
    }

    /** A response head is about to be sent: it says whether the connection is kept. */
    void responding(HttpResponse response, boolean lastAnswer) {
        if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            continueSent |= response.status().equals(HttpResponseStatus.CONTINUE);
            return;
        }
        // Without a 100 nobody knows whether the client will send the body that it has announced. And an answer that is
        // complete before the request is leaves a rest behind, which may be long.
        boolean bodyUncertain = !received
                && ((continueAsked && !continueSent) || (response instanceof LastHttpContent && !isRestShort()));
        HttpHeaders headers = response.headers();
        close = lastAnswer
                || broken
                || bodyUncertain
                || !keepAliveAsked
                || !isDelimited(response)
                || ProxyHeaders.mentions(headers.getAll(HttpHeaderNames.CONNECTION), "close");
        if (close) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (http10) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    private boolean isDelimited(HttpResponse response) {
        int status = response.status().code();
        return head
                || status == 204
                || status == 205
                || status == 304
                || response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                || HttpUtil.isTransferEncodingChunked(response);
    }
}
