package dev.remora.benchmarks;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Netty's decoder, which also notes when bytes arrived: before it decodes them, so that its own work is not measured. */
final class ArrivalClock extends HttpResponseDecoder {

    private long arrivedNanos;

    /** When the bytes that are being decoded had been read from the socket, on the clock of {@link System#nanoTime()}. */
    long arrivedNanos() {
        return arrivedNanos;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        arrivedNanos = System.nanoTime();
        super.channelRead(ctx, message);
    }
}
