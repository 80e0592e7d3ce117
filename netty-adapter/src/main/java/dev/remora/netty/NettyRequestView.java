package dev.remora.netty;

import dev.remora.exchange.RequestView;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

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

    @Override
    public long headersLength() {
        long length = 0;
        for (Iterator<Map.Entry<CharSequence, CharSequence>> fields =
                        request.headers().iteratorCharSequence();
                fields.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            length += field.getKey().length() + field.getValue().length();
        }
        return length;
    }
}
