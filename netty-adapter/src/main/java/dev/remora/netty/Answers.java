package dev.remora.netty;

import dev.remora.http.Problem;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** The gateway's own answers. */
final class Answers {

    private Answers() {}

    /** An answer that says what went wrong. */
    static FullHttpResponse to(Problem problem, HttpClock clock) {
        byte[] json = problem.json();
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(problem.status()), Unpooled.wrappedBuffer(json));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .set(HttpHeaderNames.CONTENT_LENGTH, json.length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set(HttpHeaderNames.DATE, clock.date());
        problem.retryAfterSeconds().ifPresent(seconds -> response.headers().set(HttpHeaderNames.RETRY_AFTER, seconds));
        return response;
    }

    /** An answer after which the connection is closed. */
    static FullHttpResponse lastTo(Problem problem, HttpClock clock) {
        FullHttpResponse response = to(problem, clock);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }
}
