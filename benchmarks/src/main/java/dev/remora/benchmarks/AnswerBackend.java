package dev.remora.benchmarks;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.List;

/** A back end on 127.0.0.1 that answers every request at once, with the same few bytes, and keeps its connections. */
final class AnswerBackend implements AutoCloseable {

    static final String BODY = "{\"id\":\"3f1c9a52-7d0e-4b7e-9a63-0f4f2f6f8d11\",\"object\":\"chat\"}";

    private static final String ANSWER =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + BODY.length() + "\r\n\r\n" + BODY;

    private final Sockets sockets = new Sockets("bench-backend");
    private final InetSocketAddress address =
            sockets.listen(() -> List.of(new HttpRequestDecoder(), new AnswerHandler()));

    InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        sockets.close();
    }

    private static final class AnswerHandler extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof LastHttpContent) {
                ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), ANSWER));
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
