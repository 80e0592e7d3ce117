package dev.remora.netty;

import dev.remora.http.Rejection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes requests of which {@link HeadScanner} has approved the head. After a request that asks for an upgrade it stops:
 * what follows may be another protocol. {@link #resume} goes on with HTTP; removing the decoder hands the bytes on.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {

    private static final int MAX_HELD_BYTES = 64 * 1024;

    private final HeadScanner scanner;
    private final Consumer<HttpMethod> methods;
    private @Nullable ChannelHandlerContext ctx;
    private boolean inHead = true;
    private boolean broken;
    private boolean upgradeAsked;
    private boolean held;
    private boolean reading;

    StrictRequestDecoder(Limits limits, Consumer<HttpMethod> methods) {
        super(DecoderConfigs.of(limits));
        this.scanner = new HeadScanner(true, limits.maxInitialLineBytes(), limits.maxHeaderBytes());
        this.methods = methods;
    }

    /** Goes on decoding after an upgrade that did not come to pass. */
    void resume() {
        ChannelHandlerContext context = ctx;
        boolean wasHeld = held;
        held = false;
        // A request that is refused while it is still being handed on ends first: its own read goes on with the next.
        // And where nothing waits nothing is read: an idle connection has not begun a request.
        if (wasHeld && !reading && context != null && actualReadableBytes() > 0) {
            try {
                channelRead(context, Unpooled.EMPTY_BUFFER);
            } catch (Exception e) {
                context.fireExceptionCaught(e);
            }
            context.fireChannelReadComplete();
        }
    }

    /** Whether so much waits behind an upgrade's request that no more should be read. */
    boolean isFull() {
        return held && actualReadableBytes() >= MAX_HELD_BYTES;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        reading = true;
        try {
            super.channelRead(context, message);
        } finally {
            reading = false;
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (held) {
            // Not super's: it would read on as long as nothing is decoded.
            context.fireChannelReadComplete();
        } else {
            super.channelReadComplete(context);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (broken) {
            in.skipBytes(in.readableBytes());
        } else if (!held && (!inHead || headComplete(in, out))) {
            int before = out.size();
            super.decode(ctx, in, out);
            for (int i = before; i < out.size(); i++) {
                decoded(out.get(i));
            }
        }
    }

    private boolean headComplete(ByteBuf in, List<Object> out) {
        try {
            if (!scanner.complete(in)) {
                return false;
            }
            scanner.reset();
            inHead = false;
            return true;
        } catch (Rejection rejection) {
            broken = true;
            in.skipBytes(in.readableBytes());
            HttpRequest invalid =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Unpooled.EMPTY_BUFFER);
            invalid.setDecoderResult(DecoderResult.failure(rejection));
            methods.accept(invalid.method());
            out.add(invalid);
            return false;
        }
    }

    private void decoded(Object message) {
        if (message instanceof HttpRequest request) {
            methods.accept(request.method());
            upgradeAsked = request.decoderResult().isSuccess() && Heads.isUpgrade(request);
        }
        if (message instanceof LastHttpContent) {
            inHead = true;
            held = upgradeAsked;
        }
    }
}
