package dev.remora.netty;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The open connections of clients. Thread-safe. */
final class ClientChannels {

    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> empty = new CompletableFuture<>();
    // Set before anyone looks at the set: who is added too late to be seen there is closed by whoever adds it.
    private volatile boolean refusing;
    // Set before the first look at the set, so that either the look or the last removal completes the future.
    private volatile boolean emptying;

    void add(Channel client) {
        open.add(client);
        client.closeFuture().addListener(closed -> {
            open.remove(client);
            completeIfEmpty();
        });
        if (refusing) {
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

    /** Visits every connection; some that open or close meanwhile may be missed. */
    void forEach(Consumer<Channel> visitor) {
        open.forEach(visitor);
    }

    /** Closes every connection. */
    void close() {
        open.forEach(Channel::close);
    }

    /** From now on every connection that is added is closed. */
    void refuse() {
        refusing = true;
    }

    /** Nothing is added any more; completes when the last connection is closed. */
    CompletableFuture<Void> whenEmpty() {
        emptying = true;
        completeIfEmpty();
        return empty;
    }

    private void completeIfEmpty() {
        if (emptying && open.isEmpty()) {
            empty.complete(null);
        }
    }
}
