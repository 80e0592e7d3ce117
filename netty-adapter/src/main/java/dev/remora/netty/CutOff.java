package dev.remora.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;

/** Ends a client's connection in the middle of a body so that the client cannot take what it has for the whole. */
final class CutOff {

    private static final long PATIENCE_SECONDS = 5;

    private CutOff() {}

    /**
     * Cuts.
     *
     * @param untilClose whether the end of the connection would pass for the end of the body: then only a reset tells
     *     the truth. Otherwise the missing last chunk, or the missing bytes, do; the client gets what there is.
     */
    static void cut(ChannelHandlerContext client, boolean untilClose) {
        Channel channel = client.channel();
        if (untilClose) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            // Past the TLS handler, which would say goodbye politely.
            channel.pipeline().firstContext().close();
        } else {
            client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            if (channel.isActive()) {
                channel.eventLoop().schedule(() -> channel.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }
}
