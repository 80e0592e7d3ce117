package dev.remora.netty;

import dev.remora.exchange.ResponseView;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;

/** The head of a back end's response as the balancer sees it. */
record NettyResponseView(HttpResponse response) implements ResponseView {

    @Override
    public int status() {
        return response.status().code();
    }

    @Override
    public List<String> headers(String name) {
        return response.headers().getAll(name);
    }
}
