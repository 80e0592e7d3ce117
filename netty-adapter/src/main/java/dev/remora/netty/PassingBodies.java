package dev.remora.netty;

import dev.remora.Lease;
import dev.remora.exchange.StreamKind;
import dev.remora.netty.PassingEvents.Resumption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;

/** Which answers are watched as they pass, and which of them may end early. */
final class PassingBodies {

    private static final String JSON = "application/json";

    private PassingBodies() {}

    /** The watch over an answer's body; nobody's over one that cannot be read, because it is compressed. */
    static PassingBody watch(Exchange exchange, Lease lease, StreamKind kind, HttpResponse forClient) {
        if (forClient.headers().contains(HttpHeaderNames.CONTENT_ENCODING)) {
            return PassingBody.UNSEEN;
        } else if (kind == StreamKind.EVENT_STREAM) {
            boolean mayEnd = canEndEarly(forClient);
            return new PassingEvents(lease, mayEnd ? resumption(exchange) : Resumption.NEVER, mayEnd);
        }
        return lease.wantsUsage() && isJson(forClient) ? new PassingJson(lease) : PassingBody.UNSEEN;
    }

    private static boolean isJson(HttpResponse response) {
        CharSequence type = HttpUtil.getMimeType(response);
        return type != null && JSON.equalsIgnoreCase(type.toString().strip());
    }

    // Without chunks the end of the body is that of the connection, which nobody can tell from a broken one; a length
    // that was announced is a promise. And clients go on only after 200.
    private static boolean canEndEarly(HttpResponse forClient) {
        return HttpUtil.isTransferEncodingChunked(forClient)
                && forClient.status().equals(HttpResponseStatus.OK);
    }

    private static Resumption resumption(Exchange exchange) {
        HttpRequest request = exchange.request();
        Peer peer = exchange.peer();
        if (exchange.proxy().isResumable(new NettyRequestView(request, peer.socketAddress(), peer.secure()))) {
            return Resumption.ALWAYS;
        }
        return request.method().equals(HttpMethod.GET) ? Resumption.BY_ID : Resumption.NEVER;
    }
}
