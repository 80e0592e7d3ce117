package dev.remora.examples.replay;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One replay of a trace: each request is sent when the trace says so, whether or not earlier ones were answered, as the
 * clients of a service do. One thread keeps the time and does the counting; two read the answers, however many are open.
 */
public final class Replay {

    private static final int READERS = 2;

    private final Trace trace;
    private final ReplayOptions options;
    private final Progress progress;
    private final Measurements measurements = new Measurements();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final Set<OpenAnswer> open = new HashSet<>();

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Replay::daemon);
    private final Questions questions;

    // The rest is touched by the clock's thread only.
    private long startNanos;
    private int next;
    private int maxOpen;
    private boolean timerSet;
    private boolean gaveUp;

    /** A replay that has not begun. */
    public Replay(Trace trace, ReplayOptions options, Progress progress) {
        this.trace = trace;
        this.options = options;
        this.progress = progress;
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .executor(readers())
                .build();
        this.questions = new Questions(client, options, measurements);
    }

    /** Runs to the end, or to its time limit: what is open then is given up and counts as an error. Call it once. */
    public ReplayReport run() throws InterruptedException {
        try {
            clock.execute(this::begin);
            try {
                over.get(options.timeLimit().toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                clock.submit(this::giveUp).get();
                over.get();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
            return measurements.report(next, trace.requests().size() - next, maxOpen, took);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the replay has a bug", e);
        } finally {
            clock.shutdownNow();
        }
    }

    private void begin() {
        startNanos = System.nanoTime();
        sendWhatIsDue();
    }

    private void sendWhatIsDue() {
        while (!gaveUp && next < trace.requests().size() && open.size() < options.maxOpen()) {
            TraceRequest request = trace.requests().get(next);
            long dueNanos = startNanos + (long) (request.atNanos() / options.speedup());
            long lateNanos = System.nanoTime() - dueNanos;
            if (lateNanos < 0) {
                wakeIn(-lateNanos);
                return;
            }
            next++;
            send(request, lateNanos);
        }
        boolean allSent = gaveUp || next == trace.requests().size();
        if (allSent && open.isEmpty()) {
            over.complete(null);
        }
    }

    private void wakeIn(long nanos) {
        if (!timerSet) {
            timerSet = true;
            clock.schedule(
                    () -> {
                        timerSet = false;
                        sendWhatIsDue();
                    },
                    nanos,
                    TimeUnit.NANOSECONDS);
        }
    }

    private void send(TraceRequest request, long lateNanos) {
        measurements.sent(lateNanos, request.generatedTokens());
        OpenAnswer answer = questions.ask(request);
        open.add(answer);
        maxOpen = Math.max(maxOpen, open.size());
        var timeout = clock.schedule(answer::giveUp, options.streamTimeout().toNanos(), TimeUnit.NANOSECONDS);
        answer.ending()
                .thenAcceptAsync(
                        ending -> {
                            timeout.cancel(false);
                            ended(answer, ending);
                        },
                        clock);
    }

    private void ended(OpenAnswer answer, String ending) {
        open.remove(answer);
        boolean complete = ending.equals(StreamingCall.OK);
        if (!complete) {
            measurements.failed(ending);
        }
        progress.answered(complete, open.size());
        sendWhatIsDue();
    }

    /** Sends nothing more and ends what is open. */
    private void giveUp() {
        gaveUp = true;
        Set.copyOf(open).forEach(OpenAnswer::giveUp);
        sendWhatIsDue();
    }

    // They are not shut down but leave when they have nothing to do: the client still needs them to close its
    // connections.
    private static Executor readers() {
        var readers = new ThreadPoolExecutor(
                READERS, READERS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Replay::daemon);
        readers.allowCoreThreadTimeOut(true);
        return readers;
    }

    private static Thread daemon(Runnable work) {
        var thread = new Thread(work, "replay");
        thread.setDaemon(true);
        return thread;
    }
}
