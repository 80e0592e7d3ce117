package dev.remora.examples.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The {@link DemoSite} in front of a proxy on Netty, one handler per connection: what is not the site's is passed on.
 * Whether the connection is kept is the server's business.
 */
public final class DemoPages extends ChannelInboundHandlerAdapter {

    private final DemoSite site;

    // The request of ours that is being read, if there is one.
    private @Nullable HttpRequest reading;

    public DemoPages(DemoSite site) {
        this.site = site;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request && DemoSite.has(path(request))) {
            reading = request;
        }
        HttpRequest request = reading;
        if (request == null) {
            ctx.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        if (message instanceof LastHttpContent end) {
            reading = null;
            answer(request, end).thenAccept(page -> ctx.writeAndFlush(response(page)));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (reading != null) {
            ctx.read();
        }
        ctx.fireChannelReadComplete();
    }

    private CompletableFuture<Page> answer(HttpRequest request, LastHttpContent end) {
        return end.decoderResult().isFailure()
                ? CompletableFuture.completedFuture(DemoSite.problem(400, "body: broken"))
                : site.answer(
                        request.method().name(),
                        path(request),
                        request.headers().contains(DemoSite.CONTROL_HEADER));
    }

    private static FullHttpResponse response(Page page) {
        FullHttpResponse response = Responses.of(HttpResponseStatus.valueOf(page.status()), page.type(), page.body());
        page.headers().forEach(response.headers()::set);
        return response;
    }

    private static String path(HttpRequest request) {
        return new QueryStringDecoder(request.uri()).rawPath();
    }
}
