package dev.remora.netty;

import dev.remora.Lease;
import dev.remora.netty.PassingEvents.Resumption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/** Which event streams are watched as they pass, and which of them may end early. */
final class EventStreams {

    private EventStreams() {}

    /** The watch over an answer's events; nothing for one that cannot be read, because it is compressed. */
    static @Nullable PassingEvents watch(Exchange exchange, Lease lease, HttpResponse forClient) {
        return forClient.headers().contains(HttpHeaderNames.CONTENT_ENCODING)
                ? null
                : new PassingEvents(lease, resumption(exchange, forClient));
    }

    // Without chunks the end of the body is that of the connection, which nobody can tell from a broken one; a length
    // that was announced is a promise. And clients ask again only after 200.
    private static Resumption resumption(Exchange exchange, HttpResponse forClient) {
        HttpRequest request = exchange.request();
        if (!HttpUtil.isTransferEncodingChunked(forClient)
                || !forClient.status().equals(HttpResponseStatus.OK)) {
            return Resumption.NEVER;
        }
        Peer peer = exchange.peer();
        if (exchange.proxy().isResumable(new NettyRequestView(request, peer.socketAddress(), peer.secure()))) {
            return Resumption.ALWAYS;
        }
        return request.method().equals(HttpMethod.GET) ? Resumption.BY_ID : Resumption.NEVER;
    }
}
