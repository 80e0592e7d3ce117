package dev.remora.examples.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;

/** An answer in one JSON object, sent when its last token is due. */
final class WholeAnswerWire implements AnswerStream.Wire {

    private final ChannelHandlerContext ctx;
    private final Answer answer;
    private final StringBuilder text = new StringBuilder();

    WholeAnswerWire(ChannelHandlerContext ctx, Answer answer) {
        this.ctx = ctx;
        this.answer = answer;
    }

    @Override
    public void begin() {
        // Nothing is sent before the answer is whole.
    }

    @Override
    public void token(String token) {
        text.append(token);
    }

    @Override
    public void end(int tokens) {
        Responses.json(ctx, HttpResponseStatus.OK, OpenAiJson.completion(answer, text.toString(), tokens));
    }
}
