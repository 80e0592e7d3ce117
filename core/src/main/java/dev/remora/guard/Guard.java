package dev.remora.guard;

import dev.remora.exchange.RequestView;

/**
 * Decides whether a request may enter, before a back end is chosen. Guards run once for each request, in the order of
 * the builder, and not again when the request is retried. Thread-safe; does not block.
 */
@FunctionalInterface
public interface Guard {

    /**
     * Decides on one request.
     *
     * @param request read during this call only
     * @param visitor who asks
     */
    Admission admit(RequestView request, Visitor visitor);

    /**
     * At most so many streams open at once through this balancer; a stream holds its place until it ends.
     *
     * @param max at least 1
     */
    static Guard openStreams(int max) {
        return new OpenStreamsGuard(max);
    }
}
