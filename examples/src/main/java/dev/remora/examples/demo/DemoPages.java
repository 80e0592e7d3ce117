package dev.remora.examples.demo;

import dev.remora.BalancerStats;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The demo's own page and its controls, one handler per connection in front of the proxy: {@code /} and
 * {@code /demo/...} are answered here, everything else is passed on. Whether the
 * connection is kept is the server's business.
 *
 * <p>Whoever wants to change something must send the header {@code X-Remora-Demo}: a page of another origin cannot do
 * that without being asked first, and nobody answers such a question.
 */
public final class DemoPages extends ChannelInboundHandlerAdapter {

    static final String CONTROL_HEADER = "X-Remora-Demo";

    private static final String CONTROLS = "/demo/backends/";

    private final DemoControls controls;
    private final Supplier<BalancerStats> stats;

    // The request of ours that is being read, if there is one.
    private @Nullable HttpRequest reading;

    public DemoPages(DemoControls controls, Supplier<BalancerStats> stats) {
        this.controls = controls;
        this.stats = stats;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request && ours(path(request))) {
            reading = request;
        }
        HttpRequest request = reading;
        if (request == null) {
            ctx.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        if (message instanceof LastHttpContent) {
            reading = null;
            boolean broken = message instanceof LastHttpContent end
                    && end.decoderResult().isFailure();
            (broken ? now(problem(HttpResponseStatus.BAD_REQUEST, "body: broken")) : answer(request))
                    .thenAccept(ctx::writeAndFlush);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (reading != null) {
            ctx.read();
        }
        ctx.fireChannelReadComplete();
    }

    private static boolean ours(String path) {
        return path.equals("/") || path.equals("/demo") || path.startsWith("/demo/");
    }

    private CompletableFuture<FullHttpResponse> answer(HttpRequest request) {
        String path = path(request);
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.POST) && path.startsWith(CONTROLS)) {
            return request.headers().contains(CONTROL_HEADER)
                    ? control(path.substring(CONTROLS.length()))
                    : now(problem(HttpResponseStatus.FORBIDDEN, "header " + CONTROL_HEADER + ": missing"));
        }
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            return now(problem(HttpResponseStatus.METHOD_NOT_ALLOWED, "method: " + method + " (expected: GET)"));
        }
        if (path.equals("/demo/state")) {
            return now(Responses.of(HttpResponseStatus.OK, Responses.JSON, state()));
        }
        return now(PageFiles.find(path).orElseGet(() -> unknown(path)));
    }

    /** {@code NAME/stop}, {@code start}, {@code drain} or {@code undo}; answers with the state that it leads to. */
    private CompletableFuture<FullHttpResponse> control(String control) {
        int slash = control.lastIndexOf('/');
        String name = control.substring(0, Math.max(slash, 0));
        String button = control.substring(slash + 1);
        return controls.press(name, button)
                .map(done -> done.handle((nothing, failure) -> failure == null
                        ? Responses.of(HttpResponseStatus.OK, Responses.JSON, state())
                        : problem(HttpResponseStatus.INTERNAL_SERVER_ERROR, "back end " + name + ": cannot " + button)))
                .orElseGet(() -> now(unknown(CONTROLS + control)));
    }

    private String state() {
        return DemoState.of(controls, stats.get()).toString();
    }

    private static FullHttpResponse unknown(String path) {
        return problem(HttpResponseStatus.NOT_FOUND, path + ": unknown (expected: a path of the demo)");
    }

    private static FullHttpResponse problem(HttpResponseStatus status, String message) {
        return Responses.of(status, Responses.JSON, OpenAiJson.error(message).toString());
    }

    private static CompletableFuture<FullHttpResponse> now(FullHttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }

    private static String path(HttpRequest request) {
        return new QueryStringDecoder(request.uri()).rawPath();
    }
}
