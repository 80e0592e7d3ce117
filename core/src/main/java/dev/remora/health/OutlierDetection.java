package dev.remora.health;

import dev.remora.health.OutlierTerms.Consecutive;
import dev.remora.health.OutlierTerms.Ejection;
import dev.remora.health.OutlierTerms.FailureShare;
import dev.remora.health.OutlierTerms.SuccessRate;
import java.time.Duration;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * Ejects, for a time, the back end that fails in a row, or more often than the others. It follows Envoy's outlier
 * detection, and sees streams too: responses that break off, and streams that stall. Each sign can be switched off.
 *
 * <table>
 * <caption>By default a back end is ejected when</caption>
 * <tr><td>errors in a row</td><td>5 (failing status, no response, bad response)</td></tr>
 * <tr><td>gateway errors in a row</td><td>3 (a failing 502, 503 or 504; no connection, no response)</td></tr>
 * <tr><td>first-byte timeouts in a row</td><td>2, since each costs a client a long wait</td></tr>
 * <tr><td>aborts in a row</td><td>5 (the response began and broke off)</td></tr>
 * <tr><td>stalls in a row</td><td>3 (silent for 20 usual gaps and at least 60 s)</td></tr>
 * <tr><td>success rate</td><td>below the mean of at least 5 back ends with 100 streams each, by 1.9 standard deviations and
 *     by a tenth at least</td></tr>
 * <tr><td>failure share</td><td>85 % of at least 20 streams</td></tr>
 * </table>
 *
 * <p>The last two count what happened since the evaluation before, every 10 s. A stream is judged when its response head
 * arrives and again while and after it flows, but is one failure at most. A stream that the client or the gateway gave
 * up counts neither way. A good response head ends the runs of errors; a stream that ends well ends those of aborts and
 * stalls, and one that flows again that of stalls. Stalls are seen only if the adapter tells what flows
 * ({@link dev.remora.exchange.StreamKind#DUPLEX} streams, and those that a client can resume, are silent by nature and
 * never stall).
 *
 * <p>An ejection lasts 30 s, twice as long for each ejection before it, 300 s at most, and by chance up to a tenth longer,
 * so that those which went together do not return together. For each 30 s that a back end stays in, one ejection before
 * is forgotten. Never more than half of the members are out, counted with the one that is about to go: so of one or
 * three members the last or the second one stays. When members leave, those whose time ends soonest return early.
 *
 * <p>Immutable and thread-safe.
 */
public final class OutlierDetection implements HealthPolicy {

    static final OutlierDetection DEFAULT = new OutlierDetection(
            new Consecutive(5, 3, 2, 5, 3),
            new StallRule(20, Duration.ofSeconds(60)),
            new SuccessRate(1.9, 5, 100),
            new FailureShare(0.85, 20),
            new Ejection(Duration.ofSeconds(30), Duration.ofSeconds(300), 0.1, 0.5),
            Duration.ofSeconds(10),
            status -> status >= 500);

    final Consecutive consecutive;
    final StallRule stallRule;
    final SuccessRate successRate;
    final FailureShare failureShare;
    final Ejection ejection;
    final Duration interval;
    private final IntPredicate failures;

    private OutlierDetection(
            Consecutive consecutive,
            StallRule stallRule,
            SuccessRate successRate,
            FailureShare failureShare,
            Ejection ejection,
            Duration interval,
            IntPredicate failures) {
        this.consecutive = consecutive;
        this.stallRule = stallRule;
        this.successRate = successRate;
        this.failureShare = failureShare;
        this.ejection = ejection;
        this.interval = interval;
        this.failures = failures;
    }

    @Override
    public HealthMonitor monitor(RandomGenerator random) {
        return new OutlierMonitor(this, random);
    }

    @Override
    public boolean isFailure(int status) {
        return failures.test(status);
    }

    /** So many errors in a row, 1 to 1000; 0 switches it off. */
    public OutlierDetection withConsecutiveErrors(int count) {
        return with(new Consecutive(
                count,
                consecutive.gatewayErrors(),
                consecutive.firstByteTimeouts(),
                consecutive.aborts(),
                consecutive.stalls()));
    }

    /** So many gateway errors in a row, 1 to 1000; 0 switches it off. */
    public OutlierDetection withConsecutiveGatewayErrors(int count) {
        return with(new Consecutive(
                consecutive.errors(),
                count,
                consecutive.firstByteTimeouts(),
                consecutive.aborts(),
                consecutive.stalls()));
    }

    /** So many first-byte timeouts in a row, 1 to 1000; 0 switches it off. */
    public OutlierDetection withConsecutiveFirstByteTimeouts(int count) {
        return with(new Consecutive(
                consecutive.errors(), consecutive.gatewayErrors(), count, consecutive.aborts(), consecutive.stalls()));
    }

    /** So many responses in a row that broke off, 1 to 1000; 0 switches it off. */
    public OutlierDetection withConsecutiveAborts(int count) {
        return with(new Consecutive(
                consecutive.errors(),
                consecutive.gatewayErrors(),
                consecutive.firstByteTimeouts(),
                count,
                consecutive.stalls()));
    }

    /** So many stalled streams in a row, 1 to 1000; 0 switches it off, and then nobody looks. */
    public OutlierDetection withConsecutiveStalls(int count) {
        return with(new Consecutive(
                consecutive.errors(),
                consecutive.gatewayErrors(),
                consecutive.firstByteTimeouts(),
                consecutive.aborts(),
                count));
    }

    /**
     * When an open stream counts as stalled; see {@link StallRule}.
     *
     * @param gaps how many usual gaps of its back end, at least 1
     * @param floor but no shorter silence than this, above 0
     */
    public OutlierDetection withStallAfter(double gaps, Duration floor) {
        return new OutlierDetection(
                consecutive, new StallRule(gaps, floor), successRate, failureShare, ejection, interval, failures);
    }

    /**
     * Compares the success rates of the members.
     *
     * @param deviations how many standard deviations below the mean, above 0; 0 switches the comparison off. Of n members
     *     none can be further off than the square root of n - 1.
     * @param minBackends members that must have had enough streams, at least 2
     * @param minStreams streams that are enough, at least 1
     */
    public OutlierDetection withSuccessRate(double deviations, int minBackends, int minStreams) {
        return new OutlierDetection(
                consecutive,
                stallRule,
                new SuccessRate(deviations, minBackends, minStreams),
                failureShare,
                ejection,
                interval,
                failures);
    }

    /**
     * Judges a member by its own failures.
     *
     * @param share of its streams, above 0, at most 1; 0 switches it off
     * @param minStreams streams that are enough to judge by, at least 1
     */
    public OutlierDetection withFailureShare(double share, int minStreams) {
        return new OutlierDetection(
                consecutive, stallRule, successRate, new FailureShare(share, minStreams), ejection, interval, failures);
    }

    /** From one comparison of success rates and failure shares to the next, above 0, at most 365 days. */
    public OutlierDetection withInterval(Duration newInterval) {
        Durations.requirePositive("outlier interval", newInterval);
        return new OutlierDetection(consecutive, stallRule, successRate, failureShare, ejection, newInterval, failures);
    }

    /**
     * How long a back end is out.
     *
     * @param base the first time, above 0; doubled for each ejection before
     * @param longest at least the base
     */
    public OutlierDetection withEjection(Duration base, Duration longest) {
        return with(new Ejection(base, longest, ejection.jitter(), ejection.largestShare()));
    }

    /** By which share of itself an ejection may last longer, by chance; 0 to 1. */
    public OutlierDetection withEjectionJitter(double jitter) {
        return with(new Ejection(ejection.base(), ejection.longest(), jitter, ejection.largestShare()));
    }

    /** The largest share of the members that may be out at a time, counted after the ejection; 0 to 1. */
    public OutlierDetection withLargestEjectedShare(double share) {
        return with(new Ejection(ejection.base(), ejection.longest(), ejection.jitter(), share));
    }

    /**
     * Which statuses are failures; 500 and above by default. A back end that answers 471 when its model fails, as LobeChat
     * does, wants {@code status -> status >= 500 || status == 471}.
     *
     * @param newFailures thread-safe and quick
     */
    public OutlierDetection withFailures(IntPredicate newFailures) {
        return new OutlierDetection(
                consecutive,
                stallRule,
                successRate,
                failureShare,
                ejection,
                interval,
                Objects.requireNonNull(newFailures));
    }

    private OutlierDetection with(Consecutive newConsecutive) {
        return new OutlierDetection(newConsecutive, stallRule, successRate, failureShare, ejection, interval, failures);
    }

    private OutlierDetection with(Ejection newEjection) {
        return new OutlierDetection(consecutive, stallRule, successRate, failureShare, newEjection, interval, failures);
    }
}
