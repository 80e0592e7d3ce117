package dev.remora.benchmarks;

import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Limit;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisRateLimiter;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.event.command.CommandListener;
import io.lettuce.core.event.command.CommandStartedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** A limiter with a client of its own, whose commands are counted. */
final class LimitContender implements AutoCloseable {

    private static final long PER_SECOND = 10_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RedisClient client;
    private final LongAdder commands;
    private final Consumer<String> asking;
    private final Runnable closing;

    private LimitContender(RedisClient client, LongAdder commands, Consumer<String> asking, Runnable closing) {
        this.client = client;
        this.commands = commands;
        this.asking = asking;
        this.closing = closing;
    }

    /** Who takes part. */
    enum Kind {
        REMORA_STRICT("Remora, strict"),
        REMORA("Remora, as it comes"),
        BUCKET4J("Bucket4j, as it comes"),
        BUCKET4J_BATCHING("Bucket4j, batching");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        LimitContender open(String uri) {
            LongAdder commands = new LongAdder();
            RedisClient client = RedisClient.create(uri);
            client.addListener(new CommandListener() {
                @Override
                public void commandStarted(CommandStartedEvent event) {
                    commands.increment();
                }
            });
            return switch (this) {
                case REMORA_STRICT -> remora(client, uri, commands, true);
                case REMORA -> remora(client, uri, commands, false);
                case BUCKET4J -> bucket4j(client, commands, false);
                case BUCKET4J_BATCHING -> bucket4j(client, commands, true);
            };
        }
    }

    private static LimitContender remora(RedisClient client, String uri, LongAdder commands, boolean strict) {
        client.setOptions(ClientOptions.builder().autoReconnect(false).build());
        RedisRateLimiter.Builder settings = RedisRateLimiter.builder(
                Redis.client(client, RedisURI.create(uri)), Limit.requests(PER_SECOND, SECOND));
        RedisRateLimiter limiter = (strict ? settings.strict(SECOND) : settings).build();
        Consumer<String> asking = strict
                ? key -> limiter.acquire(key, Usage.ONE_REQUEST)
                        .toCompletableFuture()
                        .join()
                : key -> limiter.tryAcquire(key, Usage.ONE_REQUEST);
        return new LimitContender(client, commands, asking, limiter::close);
    }

    private static LimitContender bucket4j(RedisClient client, LongAdder commands, boolean batching) {
        ProxyManager<byte[]> manager = Bucket4jLettuce.casBasedBuilder(client).build();
        BucketConfiguration limit = BucketConfiguration.builder()
                .addLimit(rate -> rate.capacity(PER_SECOND).refillGreedy(PER_SECOND, SECOND))
                .build();
        ConcurrentHashMap<String, BucketProxy> buckets = new ConcurrentHashMap<>();
        Consumer<String> asking = key -> buckets.computeIfAbsent(
                        key, name -> proxy(manager, limit, name.getBytes(StandardCharsets.UTF_8), batching))
                .tryConsume(1);
        return new LimitContender(client, commands, asking, () -> {});
    }

    private static BucketProxy proxy(
            ProxyManager<byte[]> manager, BucketConfiguration limit, byte[] key, boolean batching) {
        return batching
                ? manager.builder().withOptimization(Optimizations.batching()).build(key, () -> limit)
                : manager.builder().build(key, () -> limit);
    }

    void ask(String key) {
        asking.accept(key);
    }

    long commands() {
        return commands.sum();
    }

    @Override
    public void close() {
        closing.run();
        client.shutdown(0, 1, TimeUnit.SECONDS);
    }
}
