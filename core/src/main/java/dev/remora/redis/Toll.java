package dev.remora.redis;

import dev.remora.ratelimit.Limit;
import java.time.Duration;

/**
 * A limit in the microseconds that Redis counts in: how much time an amount takes at the limit's pace. Each unit takes a whole
 * number of nanoseconds, rounded up, and what is taken together is rounded up to a microsecond once: beyond a million a second
 * it pays to take many.
 *
 * <p>All amounts of time are bounded by a few years, and so is the sum of a date and some of them: by less than 2^53
 * microseconds until the year 2250, so that Lua, which counts in doubles, counts exactly.
 */
final class Toll {

    /** More than a bucket ever holds. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long LEASE_NANOS = Duration.ofMillis(100).toNanos();

    final Limit limit;
    /** How long a unit takes. */
    final long nanosPerUnit;
    /** The most units that can be missing from a full bucket. */
    final long most;
    /** How far a bucket may be from full. */
    final long toleranceMicros;
    /** How far it may be charged. */
    final long mostMicros;
    /** How far it is from full in the beginning. */
    final long initialMicros;

    Toll(Limit limit) {
        this.limit = limit;
        this.nanosPerUnit = limit.nanosPerUnit(1);
        this.most = limit.burst() + limit.maxDebt();
        this.toleranceMicros = micros(limit.burst());
        this.mostMicros = micros(most);
        this.initialMicros = toleranceMicros - micros(limit.initial());
    }

    /** What an amount costs, rounded up; {@link #NEVER} when it is more than can ever be missing. */
    long micros(long units) {
        return units > most ? NEVER : (units * nanosPerUnit + 999) / 1_000;
    }

    /** What is given back for an amount, rounded down. */
    long refundMicros(long units) {
        return Math.min(units, most) * nanosPerUnit / 1_000;
    }

    /** How much passes in a time. */
    long units(long micros) {
        return micros <= 0 ? 0 : Math.min(limit.burst(), micros * 1_000 / nanosPerUnit);
    }

    /** How much may pass at once of what is one gateway's share. */
    long share(int gateways) {
        return Math.max(1, limit.burst() / gateways);
    }

    /** The most that a gateway keeps in hand for requests to come: at least 1. */
    long mostInHand(int gateways) {
        long inTime = LEASE_NANOS / nanosPerUnit;
        return Math.max(1, Math.min(inTime, limit.burst() / (4L * gateways)));
    }
}
