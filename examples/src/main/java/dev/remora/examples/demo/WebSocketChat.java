package dev.remora.examples.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The chat at {@code /ws?conversation=ID}: a text message is a question, its answer comes as one text message per token and
 * ends with the message {@code [DONE]}. Questions that come while an answer is spoken wait for their turn.
 */
final class WebSocketChat extends SimpleChannelInboundHandler<TextWebSocketFrame> {

    static final String DONE = "[DONE]";

    private static final int MAX_WAITING = 16;

    private final Answers answers;
    private final Queue<String> waiting = new ArrayDeque<>();
    private Optional<String> conversation = Optional.empty();
    private @Nullable AnswerStream speaking;

    WebSocketChat(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof HandshakeComplete handshake) {
            conversation = ChatRequest.conversationId(new QueryStringDecoder(handshake.requestUri())
                    .parameters()
                    .getOrDefault("conversation", List.of(""))
                    .get(0));
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame message) {
        if (waiting.size() == MAX_WAITING) {
            ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.POLICY_VIOLATION, "too many questions"));
            ctx.close();
            return;
        }
        waiting.add(message.text());
        answerNext(ctx);
    }

    private void answerNext(ChannelHandlerContext ctx) {
        if (speaking != null || waiting.isEmpty()) {
            return;
        }
        ChatRequest request = ChatRequest.spoken(waiting.remove(), conversation);
        speaking = AnswerStream.start(ctx, answers.answer(request), new Messages(ctx), () -> {
            speaking = null;
            answerNext(ctx);
        });
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (speaking != null) {
            speaking.resume();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (speaking != null) {
            speaking.cancel();
        }
        waiting.clear();
        ctx.fireChannelInactive();
    }

    /** An answer as text messages. */
    private record Messages(ChannelHandlerContext ctx) implements AnswerStream.Wire {
        @Override
        public void begin() {
            // A WebSocket answer has no head.
        }

        @Override
        public void token(String token) {
            ctx.write(new TextWebSocketFrame(token));
        }

        @Override
        public void end(int tokens) {
            ctx.write(new TextWebSocketFrame(DONE));
        }
    }
}
