package dev.remora.netty;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/** What a client has pipelined behind the request that is being answered. Bounded: when it is full, reading stops. */
final class WaitingRequests {

    private static final int MAX_COST = 64 * 1024;
    // About what a decoded object takes beside its content.
    private static final int OBJECT_COST = 512;

    private final Queue<HttpObject> objects = new ArrayDeque<>(4);
    private int cost;

    boolean isEmpty() {
        return objects.isEmpty();
    }

    boolean isFull() {
        return cost >= MAX_COST;
    }

    /** Whether the next object begins a request. */
    boolean beginsRequest() {
        return objects.peek() instanceof HttpRequest;
    }

    void add(HttpObject object) {
        objects.add(object);
        cost += cost(object);
    }

    /** The next object; there must be one. */
    HttpObject remove() {
        HttpObject next = objects.remove();
        cost -= cost(next);
        return next;
    }

    void discard() {
        objects.forEach(ReferenceCountUtil::release);
        objects.clear();
        cost = 0;
    }

    private static int cost(HttpObject object) {
        return OBJECT_COST
                + (object instanceof HttpContent content ? content.content().readableBytes() : 0);
    }
}
