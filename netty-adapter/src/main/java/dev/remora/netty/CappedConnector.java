package dev.remora.netty;

import dev.remora.pool.BackendId;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections as far as the caps allow. At a cap, idle connections make room: the pools of the event loops are asked
 * in turn, the caller's own first, to close one, and the new connection is opened when that one is gone. When all are
 * busy it fails with {@link NoConnectionLeft}. Thread-safe.
 */
final class CappedConnector {

    private final BackendConnector connector;
    private final ConnectionCaps caps;

    CappedConnector(BackendConnector connector, ConnectionCaps caps) {
        this.connector = connector;
        this.caps = caps;
    }

    /** As {@link BackendConnector#open}. */
    Future<BackendConnection> open(BackendKey key, Channel client, BackendPool own, Collection<BackendPool> pools) {
        if (!caps.areSet()) {
            return connector.open(key, client, own);
        }
        Opening opening = new Opening(key, client, own, pools);
        opening.take();
        return opening.promise;
    }

    // Used on the client's event loop only.
    private final class Opening {
        private final BackendKey key;
        private final Channel client;
        private final BackendPool own;
        private final Deque<BackendPool> toAsk;
        private final Promise<BackendConnection> promise;

        Opening(BackendKey key, Channel client, BackendPool own, Collection<BackendPool> pools) {
            this.key = key;
            this.client = client;
            this.own = own;
            this.toAsk = new ArrayDeque<>(pools);
            toAsk.remove(own);
            toAsk.addFirst(own);
            this.promise = client.eventLoop().newPromise();
        }

        void take() {
            if (caps.tryTake(key.id())) {
                connect();
            } else {
                makeRoom();
            }
        }

        private void makeRoom() {
            BackendPool pool = toAsk.peek();
            if (promise.isDone()) {
                return;
            }
            if (pool == null) {
                promise.tryFailure(new NoConnectionLeft());
                return;
            }
            BackendId only = caps.isFull(key.id()) ? key.id() : null;
            EventLoop loop = client.eventLoop();
            // Not only when something is known to be idle there: a connection whose answer was just relayed goes to its
            // pool at the end of that burst, and this task comes behind it.
            boolean asked = EventLoops.execute(pool.loop(), () -> pool.closeOldest(only, gone -> closed(gone, loop)));
            if (!asked) {
                toAsk.remove();
                makeRoom();
            }
        }

        // On the loop of the pool that was asked. The room is taken there: on the way back somebody else would be
        // faster.
        private void closed(boolean gone, EventLoop loop) {
            boolean taken = gone && caps.tryTake(key.id());
            boolean told = EventLoops.execute(loop, () -> madeRoom(gone, taken));
            if (taken && !told) {
                caps.giveBack(key.id());
            }
        }

        // Who was robbed of the room all the same asks the same pool again: it may have more.
        private void madeRoom(boolean gone, boolean taken) {
            if (taken && promise.isDone()) {
                caps.giveBack(key.id());
            } else if (taken) {
                connect();
            } else {
                if (!gone) {
                    toAsk.remove();
                }
                makeRoom();
            }
        }

        private void connect() {
            Future<BackendConnection> connecting = connector.open(key, client, own, this::over);
            promise.addListener(done -> {
                if (promise.isCancelled()) {
                    connecting.cancel(false);
                }
            });
            connecting.addListener(done -> {
                if (!connecting.isSuccess()) {
                    promise.tryFailure(connecting.cause());
                } else if (!promise.trySuccess(connecting.getNow())) {
                    connecting.getNow().close();
                }
            });
        }

        // The last channel of this opening, connected or not, is closed, or there was none.
        private void over(@Nullable Channel last) {
            if (last == null) {
                caps.giveBack(key.id());
            } else {
                last.closeFuture().addListener(closed -> caps.giveBack(key.id()));
            }
        }
    }
}
