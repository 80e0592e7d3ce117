package dev.remora.netty;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections of clients. Thread-safe. */
final class ClientChannels {

    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> empty = new CompletableFuture<>();
    // Set before the first look at the set, so that either the look or the last removal completes the future.
    private volatile boolean stopping;

    void add(Channel client) {
        open.add(client);
        client.closeFuture().addListener(closed -> {
            open.remove(client);
            completeIfEmpty();
        });
        if (stopping) {
            client.close();
        }
    }

    int size() {
        return open.size();
    }

    /** Tells every connection. */
    void tell(Object event) {
        open.forEach(client -> client.pipeline().fireUserEventTriggered(event));
    }

    /** Closes every connection. */
    void close() {
        open.forEach(Channel::close);
    }

    /** Nothing is added any more; completes when the last connection is closed. */
    CompletableFuture<Void> whenEmpty() {
        stopping = true;
        completeIfEmpty();
        return empty;
    }

    private void completeIfEmpty() {
        if (stopping && open.isEmpty()) {
            empty.complete(null);
        }
    }
}
