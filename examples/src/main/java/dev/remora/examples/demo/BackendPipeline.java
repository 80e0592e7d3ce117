package dev.remora.examples.demo;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;

/** What one connection to a demo back end passes through. */
final class BackendPipeline extends ChannelInitializer<Channel> {

    static final String NAME_HEADER = "X-Demo-Backend";

    private static final int MAX_BODY_BYTES = 1 << 20;
    private static final int MAX_MESSAGE_BYTES = 1 << 16;

    private final Answers answers;
    private final String name;
    private final ChannelGroup connections;

    BackendPipeline(String name, Pace pace, long seed, Conversations memory, ChannelGroup connections) {
        this.name = name;
        this.answers = new Answers(name, pace, seed, memory);
        this.connections = connections;
    }

    @Override
    protected void initChannel(Channel channel) {
        connections.add(channel);
        var webSocket = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath("/ws")
                .checkStartsWith(true)
                .maxFramePayloadLength(MAX_MESSAGE_BYTES)
                .build();
        channel.pipeline()
                .addLast(new HttpServerCodec())
                .addLast(new HttpServerKeepAliveHandler())
                .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
                .addLast(new NameTag())
                .addLast(new WebSocketServerProtocolHandler(webSocket))
                .addLast(new WebSocketFrameAggregator(MAX_MESSAGE_BYTES))
                .addLast(new WebSocketChat(answers))
                .addLast(new BackendRoutes(answers));
    }

    /** Writes the back end's name on every response, the 101 of a WebSocket included. */
    private final class NameTag extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
                response.headers().set(NAME_HEADER, name);
            }
            ctx.write(message, promise);
        }
    }
}
