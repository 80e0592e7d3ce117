package dev.remora.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Queue;

/** The strict codec of a client's connection. */
final class ServerCodec extends CombinedChannelDuplexHandler<StrictRequestDecoder, HttpResponseEncoder> {

    // An event is small. As one buffer, copied, it costs the kernel less than as three that it must gather, and Netty
    // one promise in place of four. A larger piece is not worth the copy.
    private static final int MOST_COPIED_BYTES = 2048;
    private static final int SIZE_LINE_BYTES = 5;
    private static final int CR_LF = 0x0d0a;

    // Methods of the requests that were decoded and not yet answered: an answer to HEAD has no body.
    private final Queue<HttpMethod> methods = new ArrayDeque<>(4);

    private boolean bodiless;
    private boolean chunked;

    ServerCodec(Limits limits) {
        init(new StrictRequestDecoder(limits, methods::add), new Encoder());
    }

    /** See {@link StrictRequestDecoder#resume}. */
    void resume() {
        inboundHandler().resume();
    }

    @Override
    public void read(ChannelHandlerContext ctx) throws Exception {
        if (!inboundHandler().isFull()) {
            super.read(ctx);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (chunked && isSmallPiece(message)) {
            ctx.write(chunk(ctx, (HttpContent) message), promise);
            return;
        }
        super.write(ctx, message, promise);
        if (message instanceof HttpResponse response) {
            chunked = !bodiless && HttpUtil.isTransferEncodingChunked(response);
        }
    }

    private static boolean isSmallPiece(Object message) {
        if (!(message instanceof HttpContent content) || message instanceof LastHttpContent) {
            return false;
        }
        int length = content.content().readableBytes();
        return length > 0 && length <= MOST_COPIED_BYTES;
    }

    private static ByteBuf chunk(ChannelHandlerContext ctx, HttpContent content) {
        try {
            ByteBuf data = content.content();
            int length = data.readableBytes();
            ByteBuf chunk = ctx.alloc().ioBuffer(SIZE_LINE_BYTES + length + 2);
            ByteBufUtil.writeAscii(chunk, Integer.toHexString(length));
            return chunk.writeShort(CR_LF)
                    .writeBytes(data, data.readerIndex(), length)
                    .writeShort(CR_LF);
        } finally {
            content.release();
        }
    }

    private final class Encoder extends HttpResponseEncoder {
        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            boolean interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            bodiless = interim || HttpMethod.HEAD.equals(methods.poll()) || super.isContentAlwaysEmpty(response);
            return bodiless;
        }
    }
}
