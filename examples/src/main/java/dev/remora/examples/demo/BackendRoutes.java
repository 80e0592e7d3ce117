package dev.remora.examples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The paths of a demo back end. One answer at a time: a connection on which the next question comes before the answer has
 * ended is closed.
 */
final class BackendRoutes extends SimpleChannelInboundHandler<FullHttpRequest> {

    private final Answers answers;
    private @Nullable AnswerStream speaking;

    BackendRoutes(Answers answers) {
        this.answers = answers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (speaking != null) {
            ctx.close();
            return;
        }
        if (request.decoderResult().isFailure()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "request: not HTTP (expected: HTTP/1.1)");
            return;
        }
        String path = new QueryStringDecoder(request.uri()).path();
        switch (path) {
            case "/v1/chat/completions" -> {
                if (allowed(ctx, request, HttpMethod.POST)) {
                    chat(ctx, request);
                }
            }
            case "/v1/models" -> {
                if (allowed(ctx, request, HttpMethod.GET)) {
                    Responses.json(ctx, HttpResponseStatus.OK, OpenAiJson.models());
                }
            }
            case "/healthz" -> {
                if (allowed(ctx, request, HttpMethod.GET)) {
                    Responses.text(ctx, HttpResponseStatus.OK, "ok\n");
                }
            }
            default -> refuse(ctx, HttpResponseStatus.NOT_FOUND, path + ": unknown (expected: /v1/chat/completions)");
        }
    }

    private void chat(ChannelHandlerContext ctx, FullHttpRequest request) {
        try {
            ChatRequest chat = ChatRequest.parse(request);
            Answer answer = answers.answer(chat);
            boolean chunked = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
            AnswerStream.Wire wire =
                    chat.stream() ? new EventStreamWire(ctx, answer, chunked) : new WholeAnswerWire(ctx, answer);
            speaking = AnswerStream.start(ctx, answer, wire, () -> speaking = null);
        } catch (ChatRequest.Malformed e) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, e.getMessage());
        }
    }

    private static boolean allowed(ChannelHandlerContext ctx, FullHttpRequest request, HttpMethod method) {
        boolean head = request.method().equals(HttpMethod.HEAD) && method.equals(HttpMethod.GET);
        if (head || request.method().equals(method)) {
            return true;
        }
        var response = Responses.of(
                HttpResponseStatus.METHOD_NOT_ALLOWED,
                Page.JSON,
                OpenAiJson.error("method: " + request.method() + " (expected: " + method + ")")
                        .toString());
        response.headers().set(HttpHeaderNames.ALLOW, method);
        ctx.writeAndFlush(response);
        return false;
    }

    private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, @Nullable String message) {
        JsonNode error = OpenAiJson.error(String.valueOf(message));
        Responses.json(ctx, status, error);
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
            speaking = null;
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that resets its connection, or sends what is not HTTP at all: only its own connection is lost.
        ctx.close();
    }
}
