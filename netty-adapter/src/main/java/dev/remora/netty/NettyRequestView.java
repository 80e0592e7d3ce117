package dev.remora.netty;

import dev.remora.exchange.RequestView;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.List;

/** A decoded request as the balancer sees it. */
record NettyRequestView(HttpRequest request, InetSocketAddress remoteAddress, boolean secure) implements RequestView {

    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String target() {
        return request.uri();
    }

    @Override
    public List<String> headers(String name) {
        return request.headers().getAll(name);
    }
}
