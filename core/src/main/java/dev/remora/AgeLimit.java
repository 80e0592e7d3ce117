package dev.remora;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How old a stream may become. Each has its own limit, up to a tenth below the given one, so that streams that were opened
 * together do not end together.
 *
 * <p>The registry is looked through from time to time, at most once a second and beside the requests, for those whose time
 * comes before the next look; a hundred thousand streams take a few milliseconds.
 */
final class AgeLimit {

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final long LONGEST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final EndRequest POLITE =
            new EndRequest(EndRequest.Reason.AGE, EndRequest.Urgency.POLITE, 1001, Duration.ofSeconds(1));
    private static final EndRequest NOW =
            new EndRequest(EndRequest.Reason.AGE, EndRequest.Urgency.NOW, 1001, Duration.ofSeconds(1));

    private final StreamEnds ends;
    private final long ageNanos;
    private final Optional<Long> graceNanos;
    private final long lookNanos;
    private final Asks asks;

    AgeLimit(StreamEnds ends, Config config) {
        this.ends = ends;
        this.ageNanos = config.age.toNanos();
        this.graceNanos = config.grace.map(Duration::toNanos);
        this.lookNanos = Math.max(Asks.STEP_NANOS, Math.min(LONGEST_LOOK_NANOS, ageNanos / 20));
        this.asks = new Asks(ends.clock(), ends.timers(), ends::ask);
    }

    /** When the limit of a stream is reached, on the clock. */
    Long limitOf(StreamLease lease) {
        return lease.pickedAt() + ageNanos - (long) (ends.chance() * ageNanos / 10);
    }

    void begin() {
        ends.timers().after(lookNanos, this::look);
    }

    private void look() {
        if (ends.closed()) {
            return;
        }
        long now = ends.nanos();
        ends.openStreams().forEachNumbered((lease, limit) -> {
            long left = limit - now;
            if (left < lookNanos && lease.endRequest().isEmpty()) {
                asks.add(now + Math.max(0, left), lease, POLITE);
            }
            if (graceNanos.isPresent() && left + graceNanos.get() < lookNanos && !isForGood(lease)) {
                asks.add(now + Math.max(0, left + graceNanos.get()), lease, NOW);
            }
        });
        begin();
    }

    private static boolean isForGood(StreamLease lease) {
        return lease.endRequest()
                .map(wish -> wish.urgency() == EndRequest.Urgency.NOW)
                .orElse(false);
    }

    /**
     * What the builder was told.
     *
     * @param age the limit
     * @param grace how long after it a stream that has not followed is ended for good; empty for never
     */
    record Config(Duration age, Optional<Duration> grace) {
        Config {
            if (age.isNegative() || age.isZero() || age.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("maxStreamAge: " + age + " (expected: > 0, at most 365 days)");
            }
            if (grace.isPresent() && (grace.get().isNegative() || grace.get().compareTo(LONGEST) > 0)) {
                throw new IllegalArgumentException("grace: " + grace.get() + " (expected: 0 to 365 days)");
            }
        }
    }
}
