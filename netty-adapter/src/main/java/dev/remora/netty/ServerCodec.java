package dev.remora.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.ArrayDeque;
import java.util.Queue;

/** The strict codec of a client's connection. */
final class ServerCodec extends CombinedChannelDuplexHandler<StrictRequestDecoder, HttpResponseEncoder> {

    // Methods of the requests that were decoded and not yet answered: an answer to HEAD has no body.
    private final Queue<HttpMethod> methods = new ArrayDeque<>(4);

    ServerCodec(Limits limits) {
        init(new StrictRequestDecoder(limits, methods::add), new Encoder());
    }

    /** See {@link StrictRequestDecoder#resume}. */
    void resume() {
        inboundHandler().resume();
    }

    @Override
    public void read(ChannelHandlerContext ctx) throws Exception {
        if (!inboundHandler().isFull()) {
            super.read(ctx);
        }
    }

    private final class Encoder extends HttpResponseEncoder {
        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                return true;
            }
            return HttpMethod.HEAD.equals(methods.poll()) || super.isContentAlwaysEmpty(response);
        }
    }
}
