package dev.remora.netty;

import dev.remora.exchange.StreamKind;
import dev.remora.http.HeaderEdits;
import dev.remora.http.ProxyHeaders;
import dev.remora.http.ResponseRules;
import dev.remora.http.Upgrades;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Makes the head of a message fit for the next hop. Whether bodies flow, and how, is not its matter. */
final class Heads {

    private Heads() {}

    /** The head that goes to a back end; the original stays as it is, for another attempt. */
    static HttpRequest forBackend(
            HttpRequest original, Peer peer, BackendKey backend, boolean keepHost, HeaderEdits edits) {
        HttpHeaders headers = original.headers().copy();
        NettyHeaders view = new NettyHeaders(headers);
        ProxyHeaders.prepareRequest(view, peer.address(), peer.trusted(), peer.secure());
        if (!keepHost || !headers.contains(HttpHeaderNames.HOST)) {
            headers.set(HttpHeaderNames.HOST, backend.authority());
        }
        edits.applyTo(view);
        frame(headers);
        if (headers.contains(HttpHeaderNames.TE)) {
            // Whoever sends TE must say that it ends at the next hop (RFC 9110, section 10.1.4).
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderNames.TE);
        }
        if (isUpgrade(original)) {
            Upgrades.announce(view, String.join(", ", Upgrades.offered(new NettyHeaders(original.headers()))));
        }
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, original.method(), original.uri(), headers);
    }

    /** Whether a request asks to leave HTTP, and may. */
    static boolean isUpgrade(HttpRequest request) {
        return request.headers().contains(HttpHeaderNames.UPGRADE)
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && Upgrades.isAskedFor(new NettyHeaders(request.headers()), Bodies.isAnnounced(request.headers()));
    }

    // As few ways to write the same thing as possible: "CHUNKED" and "007" were understood here, but who comes next?
    private static void frame(HttpHeaders headers) {
        if (Bodies.isChunked(headers)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        } else if (Bodies.length(headers) >= 0) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, Bodies.length(headers));
        }
    }

    /** The head of a final response that goes to the client. */
    static HttpResponse forClient(
            HttpResponse response, HttpRequest request, StreamKind kind, HeaderEdits edits, HttpClock clock) {
        HttpHeaders headers = response.headers();
        NettyHeaders view = new NettyHeaders(headers);
        ProxyHeaders.prepareResponse(view);
        edits.applyTo(view);
        if (kind == StreamKind.EVENT_STREAM) {
            headers.set("x-accel-buffering", "no");
        }
        if (!headers.contains(HttpHeaderNames.DATE)) {
            headers.set(HttpHeaderNames.DATE, clock.date());
        }
        frame(headers, response.status().code(), request);
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), headers);
    }

    // A body of unknown length goes in chunks; an HTTP/1.0 client gets it bare, up to the end of the connection.
    private static void frame(HttpHeaders headers, int status, HttpRequest request) {
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        boolean bodiless = ResponseRules.isBodiless(status, request.method().name());
        if (!bodiless && !headers.contains(HttpHeaderNames.CONTENT_LENGTH) && status != 205) {
            if (request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            } else {
                headers.remove(HttpHeaderNames.TRAILER);
            }
        }
    }

    /** Whether a body goes to the client with no other end than that of the connection. */
    static boolean endsWithConnection(HttpResponse forClient, HttpRequest request) {
        return !ResponseRules.isBodiless(
                        forClient.status().code(), request.method().name())
                && Bodies.endsWithConnection(forClient);
    }

    /** Tells a client that waits for it to send its body. */
    static FullHttpResponse goOn() {
        return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER);
    }

    /** A whole interim response for the client. */
    static FullHttpResponse interim(HttpResponse response) {
        ProxyHeaders.prepareResponse(new NettyHeaders(response.headers()));
        return bodiless(response);
    }

    /** The agreement to an upgrade. */
    static FullHttpResponse switching(HttpResponse response, HeaderEdits edits, HttpClock clock) {
        List<String> protocol = response.headers().getAll(HttpHeaderNames.UPGRADE);
        NettyHeaders view = new NettyHeaders(response.headers());
        ProxyHeaders.prepareResponse(view);
        edits.applyTo(view);
        if (!response.headers().contains(HttpHeaderNames.DATE)) {
            response.headers().set(HttpHeaderNames.DATE, clock.date());
        }
        Upgrades.announce(view, protocol.get(0));
        return bodiless(response);
    }

    private static FullHttpResponse bodiless(HttpResponse response) {
        HttpHeaders headers = response.headers();
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        return new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                response.status(),
                Unpooled.EMPTY_BUFFER,
                headers,
                DefaultHttpHeadersFactory.trailersFactory().newHeaders());
    }
}
