package dev.remora.examples.demo;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;

/** An answer as server-sent events: one per token, then the reason why it ended, and {@code [DONE]}. */
final class EventStreamWire implements AnswerStream.Wire {

    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);
    private static final String HOLE = "TOKEN";

    private final ChannelHandlerContext ctx;
    private final Answer answer;
    private final boolean chunked;
    private final byte[] beforeToken;
    private final byte[] afterToken;

    /** @param chunked false for an HTTP/1.0 client: the end of its answer is the end of the connection */
    EventStreamWire(ChannelHandlerContext ctx, Answer answer, boolean chunked) {
        this.ctx = ctx;
        this.answer = answer;
        this.chunked = chunked;
        // All events of an answer are equal but for the token, so the rest is written once.
        String event = event(OpenAiJson.chunk(answer, OpenAiJson.object().put("content", HOLE), "")
                .toString());
        int hole = event.lastIndexOf(HOLE);
        beforeToken = event.substring(0, hole).getBytes(StandardCharsets.UTF_8);
        afterToken = event.substring(hole + HOLE.length()).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void begin() {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
        HttpUtil.setTransferEncodingChunked(response, chunked);
        ctx.write(response);
        var role = OpenAiJson.object().put("role", "assistant").put("content", "");
        write(event(OpenAiJson.chunk(answer, role, "").toString()));
    }

    @Override
    public void token(String token) {
        byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(token);
        ByteBuf event = ctx.alloc().buffer(beforeToken.length + quoted.length + afterToken.length);
        event.writeBytes(beforeToken).writeBytes(quoted).writeBytes(afterToken);
        ctx.write(new DefaultHttpContent(event));
    }

    @Override
    public void end(int tokens) {
        write(event(OpenAiJson.chunk(answer, OpenAiJson.object(), answer.finishReason())
                .toString()));
        if (answer.request().includeUsage()) {
            write(event(OpenAiJson.usageChunk(answer, tokens).toString()));
        }
        ctx.write(new DefaultHttpContent(ctx.alloc().buffer(DONE.length).writeBytes(DONE)));
        ctx.write(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    private void write(String event) {
        ctx.write(new DefaultHttpContent(ByteBufUtil.writeUtf8(ctx.alloc(), event)));
    }

    private static String event(String json) {
        return "data: " + json + "\n\n";
    }
}
