package dev.remora.netty;

import dev.remora.http.Rejection;
import dev.remora.http.ResponseRules;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Decodes one response for each request that was announced to it. Bytes that nobody asked for close the connection:
 * taken for the head of the next response they would hand one client's answer to another.
 */
final class StrictResponseDecoder extends HttpResponseDecoder {

    private final HeadScanner scanner;
    private boolean expecting;
    private boolean toHead;
    private boolean inHead = true;
    private boolean interim;
    private boolean switched;
    private boolean broken;
    private boolean begun;

    StrictResponseDecoder(Limits limits) {
        super(DecoderConfigs.of(limits));
        this.scanner = new HeadScanner(false, limits.maxInitialLineBytes(), limits.maxHeaderBytes());
    }

    /**
     * A request is about to be sent.
     *
     * @param head whether it is a HEAD request, whose response has no body
     */
    void expect(boolean head) {
        expecting = true;
        toHead = head;
        begun = false;
    }

    /** Whether any byte of the expected response has arrived. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (switched) {
            return;
        }
        if (broken || !expecting) {
            in.skipBytes(in.readableBytes());
            ctx.close();
            return;
        }
        begun = true;
        if (!inHead || headComplete(in, out)) {
            int before = out.size();
            super.decode(ctx, in, out);
            for (int i = before; i < out.size(); i++) {
                decoded(out.get(i));
            }
        }
    }

    private boolean headComplete(ByteBuf in, List<Object> out) {
        try {
            if (!scanner.complete(in)) {
                return false;
            }
            scanner.reset();
            inHead = false;
            return true;
        } catch (Rejection rejection) {
            broken = true;
            in.skipBytes(in.readableBytes());
            HttpResponse invalid = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY, Unpooled.EMPTY_BUFFER);
            invalid.setDecoderResult(DecoderResult.failure(rejection));
            out.add(invalid);
            return false;
        }
    }

    private void decoded(Object message) {
        if (message instanceof HttpResponse response) {
            interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            switched = response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        }
        if (message instanceof LastHttpContent) {
            inHead = true;
            expecting = interim && !switched;
        }
    }

    // Netty asks this when the head is parsed, and while its headers are still what the back end sent.
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        if (!areRulesObeyed((HttpResponse) message)) {
            throw Rejection.badRequest("The response breaks the rules of framing.");
        }
        HttpStatusClass status = ((HttpResponse) message).status().codeClass();
        return status == HttpStatusClass.INFORMATIONAL || toHead || super.isContentAlwaysEmpty(message);
    }

    private static boolean areRulesObeyed(HttpResponse response) {
        HttpVersion version = response.protocolVersion();
        boolean http11 = version.equals(HttpVersion.HTTP_1_1);
        return (http11 || version.equals(HttpVersion.HTTP_1_0))
                && ResponseRules.areObeyed(response.status().code(), http11, new NettyHeaders(response.headers()));
    }
}
