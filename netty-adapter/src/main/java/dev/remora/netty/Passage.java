package dev.remora.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** How bytes get from one end of a {@link Tunnel} to the other. Used on the event loop of both. */
interface Passage {

    /** Takes bytes that one end has read, and owns them; the other end flushes when the burst is over. */
    void pass(ByteBuf bytes, ChannelHandlerContext other);
}
