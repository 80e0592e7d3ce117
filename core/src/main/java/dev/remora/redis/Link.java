package dev.remora.redis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a master, from when Redis tracks what it reads to its end. It is never repaired: when it breaks, or
 * Redis is silent on it, another one takes its place. So what was learned by it holds as long as it lives, and no longer.
 *
 * <p>Answers and invalidations of one connection come in the order in which Redis made them, on one thread of Lettuce.
 * That is why what an answer said may be remembered until it is invalidated. Thread-safe.
 */
final class Link implements RedisConnectionStateListener {

    private static final int MOST_SILENT = 8;
    private static final Set<String> OF_THE_KEY = Set.of("WRONGTYPE", "TRYAGAIN");
    private static final Set<String> HOPELESS = Set.of("READONLY", "LOADING", "NOAUTH", "MASTERDOWN");

    private final StatefulRedisConnection<String, String> connection;
    private final RedisAsyncCommands<String, String> commands;
    private final int mostWaiting;
    private final Shard.Watcher watcher;
    private final Runnable works;
    private final BiConsumer<Link, String> lost;

    // Who waits for an answer, from the question to the answer: who gave up at the deadline still counts, so that
    // however long Redis is silent no more than the cap ever wait.
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger silences = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean proved = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    // Replaced, on Lettuce's thread, when Redis forgets all keys at once.
    private volatile Vouch vouch = Vouch.none();

    /**
     * Wraps a connection that has just been made.
     *
     * @param mostWaiting the most who may wait for answers at once
     * @param watcher told of what others change
     * @param works run once, when Redis has answered the first question
     * @param lost told once, why, when the link has ended
     */
    Link(
            StatefulRedisConnection<String, String> connection,
            int mostWaiting,
            Shard.Watcher watcher,
            Runnable works,
            BiConsumer<Link, String> lost) {
        this.connection = connection;
        this.commands = connection.async();
        this.mostWaiting = mostWaiting;
        this.watcher = watcher;
        this.works = works;
        this.lost = lost;
    }

    /**
     * Begins to watch the connection.
     *
     * @param tracks whether Redis is asked to tell of changes from now on
     * @return whether it will; not when the connection speaks RESP2, or the user may not track. Fails when it is broken.
     */
    CompletionStage<Boolean> begin(boolean tracks) {
        connection.addListener(this);
        return tracks ? track() : CompletableFuture.completedFuture(false);
    }

    private CompletionStage<Boolean> track() {
        connection.addListener(this::pushed);
        return commands.clientTracking(TrackingArgs.Builder.enabled().noloop()).handle((ok, failure) -> {
            if (failure == null) {
                vouch = new Vouch();
            } else if (!connection.isOpen()) {
                throw new IllegalStateException("the connection broke", failure);
            }
            return failure == null;
        });
    }

    /** For how long an answer that has just come holds; not at all when the link has ended. */
    Vouch vouch() {
        return ended.get() ? Vouch.none() : vouch;
    }

    /** Whether Redis has answered a question on it. */
    boolean isProved() {
        return proved.get();
    }

    /** Begins to wait for an answer, unless too many do. */
    boolean enter() {
        int seen;
        do {
            seen = waiting.get();
            if (seen >= mostWaiting || ended.get()) {
                return false;
            }
        } while (!waiting.compareAndSet(seen, seen + 1));
        return true;
    }

    /** So many wait no more: their answer has come. */
    void leave(int count) {
        waiting.addAndGet(-count);
    }

    /** Somebody has waited to the deadline in vain. When nobody gets an answer any more, the link is given up. */
    void timedOut() {
        if (silences.incrementAndGet() >= MOST_SILENT) {
            end("does not answer in time");
        }
    }

    /** Redis has answered with an error. One that is about the key alone says nothing of the link. */
    void refused(String error) {
        String code = codeOf(error);
        if (!OF_THE_KEY.contains(code) && (HOPELESS.contains(code) || silences.incrementAndGet() >= MOST_SILENT)) {
            end("answers with " + code);
        }
    }

    // Up to Redis 6.2 the error of a script has that of its command inside.
    private static String codeOf(String error) {
        int inside = error.startsWith("ERR Error running script") ? error.indexOf(": -") + 3 : 0;
        int start = Math.max(0, inside);
        int space = error.indexOf(' ', start);
        return error.substring(start, space < 0 ? error.length() : space);
    }

    /** Runs a script; the stage completes on Lettuce's thread. */
    CompletionStage<@Nullable String> run(Call call) {
        Script script = call.script();
        String[] keys = call.keys().toArray(String[]::new);
        String[] arguments = call.arguments().toArray(String[]::new);
        CompletableFuture<@Nullable String> result = new CompletableFuture<>();
        RedisFuture<String> known = commands.evalsha(script.sha(), ScriptOutputType.VALUE, keys, arguments);
        CompletionStage<String> unusedFirst = known.whenComplete((answer, failure) -> {
            if (failure instanceof RedisNoScriptException) {
                RedisFuture<String> whole = commands.eval(script.text(), ScriptOutputType.VALUE, keys, arguments);
                CompletionStage<String> unused = whole.whenComplete((second, again) -> finish(result, second, again));
            } else {
                finish(result, answer, failure);
            }
        });
        return result;
    }

    /** As {@link #run}, on keys that are just moving to this master from another one. */
    CompletionStage<@Nullable String> runAsking(Call call) {
        CompletableFuture<@Nullable String> result = new CompletableFuture<>();
        AsyncCommand<String, String, String> asking = command(CommandType.ASKING, new CommandArgs<>(StringCodec.ASCII));
        AsyncCommand<String, String, String> eval = command(
                CommandType.EVAL,
                new CommandArgs<>(StringCodec.ASCII)
                        .add(call.script().text())
                        .add(call.keys().size())
                        .addKeys(call.keys())
                        .addValues(call.arguments()));
        // Written together: a command of another thread between the two would use up the asking.
        connection.dispatch(List.of(asking, eval));
        CompletableFuture<String> unused = eval.whenComplete((answer, failure) -> finish(result, answer, failure));
        return result;
    }

    private static AsyncCommand<String, String, String> command(
            CommandType type, CommandArgs<String, String> arguments) {
        return new AsyncCommand<>(new Command<>(type, new ValueOutput<>(StringCodec.ASCII), arguments));
    }

    private void finish(
            CompletableFuture<@Nullable String> result, @Nullable String answer, @Nullable Throwable failure) {
        if (failure != null) {
            result.completeExceptionally(failure);
        } else {
            silences.set(0);
            if (!proved.get() && !proved.getAndSet(true)) {
                works.run();
            }
            result.complete(answer);
        }
    }

    private void pushed(PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        // The type, and the keys: none when all were flushed.
        List<Object> content = message.getContent(StringCodec.ASCII::decodeKey);
        if (content.size() > 1 && content.get(1) instanceof List<?> keys) {
            keys.forEach(key -> watcher.invalidated(String.valueOf(key)));
        } else {
            Vouch before = vouch;
            vouch = new Vouch();
            before.end();
            watcher.flushed();
        }
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> broken) {
        end("closed the connection");
    }

    boolean isEnded() {
        return ended.get();
    }

    /**
     * Ends the link for good; nobody is told when it was closed on purpose.
     *
     * @return complete when it is closed
     */
    @CanIgnoreReturnValue
    CompletableFuture<Void> close() {
        if (!ended.getAndSet(true)) {
            dispose();
        }
        return closed;
    }

    private void end(String why) {
        if (!ended.getAndSet(true)) {
            dispose();
            lost.accept(this, why);
        }
    }

    private void dispose() {
        vouch.end();
        CompletableFuture<Void> unused = connection.closeAsync().whenComplete((done, failure) -> closed.complete(null));
    }
}
