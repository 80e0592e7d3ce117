package dev.remora.benchmarks;

import com.google.errorprone.annotations.FormatMethod;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * The result of {@link RedisOutage}, as Markdown.
 *
 * @param flags of the program
 */
record OutageReport(
        String flags,
        String machine,
        OutageTrial.Result single,
        OutageTrial.Result cluster,
        RebindRound changes,
        List<TouchRound> touches) {

    @Override
    public String toString() {
        return String.join("\n", beginning(), outages(), changesText(), touchesText(), ending());
    }

    private String beginning() {
        return text("""
                # What becomes of requests while a shared Redis fails

                Measured and written by

                    java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.RedisOutage %s

                Four gateways in one process, on one real Redis on the same machine; %,d requests a second by clients that
                hop between them: eight of ten of %,d sessions that all gateways know from the start, one of a new session,
                one of a session that was new lately. Session maps with their defaults: a request waits for Redis for 50 ms at
                most.
                """, flags, HoppingClients.RATE, HoppingClients.KNOWN);
    }

    private String outages() {
        return text(
                """
                | phase | requests | failed | late | shortcuts | moves of known | moves of others | p50, us | p99, us | max, ms | reached, ms | agreed, ms |
                |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
                %s
                *late*: was served after the 50 ms, or more when the machine was busy, that a request waits for Redis. *shortcuts*: would
                have asked Redis, did not wait. *moves*: a session was given another back end than the time before; *of known*: of
                one that all gateways knew from the start. *p50* to *max*: from the call of `acquire` to its answer. *reached*, *agreed*: how long
                after Redis answered again the last gateway had reached it, and no two gateways told different back ends for
                a session, of all that were seen.

                %s
                %s
                """,
                Stream.of(single, cluster)
                        .flatMap(result -> result.phases().stream())
                        .map(OutageReport::row)
                        .collect(Collectors.joining()),
                ending("one server", single),
                ending("the cluster", cluster));
    }

    private String changesText() {
        return text("""
                ## How soon a change is seen by the others

                %,d times one of four gateways bound a session anew that all of them knew; nothing else happened meanwhile.

                | from the call, in microseconds | p50 | p99 | max |
                |---|---:|---:|---:|
                | Redis has answered | %s |
                | none of the three others tells the old back end | %s |
                """, changes.seen().getTotalCount(), percentiles(changes.answered()), percentiles(changes.seen()));
    }

    private String touchesText() {
        return text(
                """
                ## What it costs that sessions are in use on all gateways

                %,d sessions that all four gateways know, touched %,d times a second.

                | idle time | touches | of them told to Redis | invalidations sent to gateways | sessions lost |
                |---|---:|---:|---:|---:|
                %s""",
                TouchRound.SESSIONS,
                TouchRound.RATE,
                touches.stream().map(OutageReport::row).collect(Collectors.joining()));
    }

    private String ending() {
        return text("""
                Machine: %s.

                **What it means.** What a gateway knows it tells without Redis, so an outage shows only in requests of sessions
                that a gateway does not know: they wait until eight of them have waited in vain, and then nobody waits. What
                can move is a session that one gateway knows and another does not: while Redis is away the other one takes the
                back end that a hash names, so a client that hops between the two can move each time, until Redis says who was
                first; and a new session whose late question has bound it elsewhere.

                **What it does not mean.** Clients, gateways and Redis share the processors of one machine: p99 and max also
                show how long a thread waited for a processor, and there is no network in between.
                """, machine);
    }

    private static String row(OutagePhase phase) {
        Tally tally = phase.tally();
        return text(
                "| %s | %,d | %,d | %,d | %,d | %,d | %s | %.1f | %,.1f | %.1f | %s | %s |%n",
                phase.name(),
                tally.waits.getTotalCount(),
                tally.failed.sum(),
                tally.late(),
                phase.shortcuts(),
                tally.movesOfKnown.sum(),
                moves(tally),
                RedisOutage.micros(tally.waits, 50),
                RedisOutage.micros(tally.waits, 99),
                RedisOutage.micros(tally.waits, 100) / 1e3,
                millis(phase.reachedNanos()),
                millis(phase.agreedNanos()));
    }

    private static String moves(Tally tally) {
        return tally.movesOfOthers.isEmpty()
                ? "0"
                : text("%,d, of %,d sessions", tally.moves() - tally.movesOfKnown.sum(), tally.movesOfOthers.size());
    }

    private static String ending(String where, OutageTrial.Result result) {
        return text(
                "At the end of %s all gateways were asked for all %,d sessions, until they agreed or for 10 s: they disagreed on %d. Streams still open: %d.",
                where, result.sessions(), result.disagreements(), result.openStreams());
    }

    private static String row(TouchRound round) {
        return text(
                "| %s | %,d | %,d | %,d | %,d |%n",
                idle(round.idle()), round.touches(), round.questions(), round.invalidations(), round.forgotten());
    }

    private static String idle(Duration idle) {
        return idle.toMinutes() > 0 ? idle.toMinutes() + " min" : idle.toSeconds() + " s";
    }

    private static String percentiles(Histogram nanos) {
        return text(
                "%,.0f | %,.0f | %,.0f",
                RedisOutage.micros(nanos, 50), RedisOutage.micros(nanos, 99), RedisOutage.micros(nanos, 100));
    }

    private static String millis(OptionalLong nanos) {
        return nanos.isPresent() ? text("%,.0f", nanos.getAsLong() / 1e6) : "";
    }

    @FormatMethod
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
