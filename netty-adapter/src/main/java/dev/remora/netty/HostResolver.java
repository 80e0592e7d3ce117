package dev.remora.netty;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Turns the names of back ends into addresses without ever blocking an event loop: the JDK's resolver blocks, so it runs
 * on threads of its own, which go when they have nothing to do. Names are remembered for a short time; their number is
 * that of the back ends. Thread-safe.
 */
final class HostResolver {

    private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int THREADS = 4;

    private final Executor executor;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    HostResolver() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("remora-resolver", true));
        pool.allowCoreThreadTimeOut(true);
        this.executor = pool;
    }

    /** The addresses of a host, at least one; told on the event loop. */
    Future<List<InetAddress>> resolve(String host, EventLoop loop) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            return loop.newSucceededFuture(List.of(address(host, literal)));
        }
        Promise<List<InetAddress>> promise = loop.newPromise();
        answer(host).addresses().whenComplete((addresses, failure) -> {
            if (failure == null) {
                promise.trySuccess(addresses);
            } else {
                promise.tryFailure(failure);
            }
        });
        return promise;
    }

    private Answer answer(String host) {
        long now = System.nanoTime();
        return answers.compute(host, (name, known) -> known != null && !known.isOld(now) ? known : ask(name, now));
    }

    private Answer ask(String host, long now) {
        CompletableFuture<List<InetAddress>> addresses = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                addresses.complete(List.of(InetAddress.getAllByName(host)));
            } catch (UnknownHostException | RuntimeException e) {
                addresses.completeExceptionally(e);
            }
        });
        return new Answer(addresses, now);
    }

    private static InetAddress address(String host, byte[] literal) {
        try {
            return InetAddress.getByAddress(host, literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + literal.length + " bytes", e);
        }
    }

    private record Answer(CompletableFuture<List<InetAddress>> addresses, long askedNanos) {
        // A failure is asked for again at once; a question that is on its way is not asked twice.
        boolean isOld(long now) {
            return addresses.isCompletedExceptionally() || (addresses.isDone() && now - askedNanos > REMEMBERED_NANOS);
        }
    }
}
