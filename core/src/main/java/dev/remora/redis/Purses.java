package dev.remora.redis;

import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.redis.Verdict.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The purses of one key, one for each of the limits that are checked together: what is taken is taken from all of them or from
 * none. Guarded by its account.
 */
final class Purses {

    // Else what is owed is told in less than a second. In an outage of hours all would be owed that had passed, at
    // whatever pace.
    private static final long OUTAGE_NANOS = Duration.ofSeconds(2).toNanos();
    // By one call: so that sums do not overflow. It is more than can be owed.
    private static final long MOST_CHARGED = 1L << 57;

    private final Purse[] purses;
    private long filledAt;
    /** When nothing was owed. */
    private long evenAt;

    private boolean heard;
    private long heardAt;

    Purses(Terms terms, long now, int gateways) {
        this.purses = Arrays.stream(terms.tolls)
                .map(toll -> new Purse(toll, gateways, terms.ageNanos(now)))
                .toArray(Purse[]::new);
        this.filledAt = now;
        this.evenAt = now;
        this.heardAt = now;
    }

    /**
     * How long something is not there.
     *
     * @param limit the index of the limit by which that is longest; -1 when it is there
     * @param nanos {@link Toll#NEVER} for ever
     */
    record Shortage(int limit, long nanos) {

        static final Shortage NONE = new Shortage(-1, 0);

        Shortage orLonger(int other, long otherNanos) {
            return otherNanos > nanos ? new Shortage(other, otherNanos) : this;
        }

        boolean isNone() {
            return limit < 0;
        }
    }

    /**
     * Time goes by: the shares fill, and what has been in hand for too long is owed.
     *
     * @return whether there was any
     */
    boolean settle(long leaseNanos, long now, int gateways) {
        // What the division leaves over stays for the next time.
        long share = Math.max(0, (now - filledAt) / gateways);
        filledAt += share * gateways;
        boolean unused = false;
        for (Purse purse : purses) {
            purse.fill(share);
            unused |= purse.dropOlderThan(leaseNanos, now);
        }
        if (!owe()) {
            evenAt = now;
        } else if (now - evenAt > OUTAGE_NANOS) {
            for (Purse purse : purses) {
                purse.forgive();
            }
        }
        return unused;
    }

    private long sinceMicros(long now) {
        return Math.max(0, (now - heardAt) / 1_000);
    }

    private static long units(Purse purse, Usage usage) {
        return purse.toll.limit.unit().of(usage);
    }

    // ---- taking

    /** Takes what a request asks for, if it is in hand. */
    boolean spend(Usage usage, int gateways) {
        boolean inHand = true;
        for (Purse purse : purses) {
            long units = units(purse, usage);
            if (units > 0) {
                purse.usual(Math.min(units, purse.toll.limit.burst()));
                inHand &= units <= purse.inHand();
            }
        }
        for (int i = 0; inHand && i < purses.length; i++) {
            purses[i].spend(units(purses[i], usage), gateways);
        }
        return inHand;
    }

    /** How long what is not in hand of a usage is not in Redis either, by what that has said. */
    Shortage shortage(Usage usage, long now) {
        Shortage longest = Shortage.NONE;
        for (int i = 0; i < purses.length; i++) {
            longest = longest.orLonger(i, purses[i].waitNanos(units(purses[i], usage), sinceMicros(now)));
        }
        return longest;
    }

    /** The same of the share. */
    Shortage shortageOfShare(Usage usage, int gateways) {
        Shortage longest = Shortage.NONE;
        for (int i = 0; i < purses.length; i++) {
            longest = longest.orLonger(i, purses[i].shareWaitNanos(units(purses[i], usage), gateways));
        }
        return longest;
    }

    /**
     * Lets a usage pass though it is not in hand; it is owed.
     *
     * @return units that will never be charged
     */
    long pass(Usage usage) {
        long dropped = 0;
        for (Purse purse : purses) {
            dropped += purse.pass(Math.min(units(purse, usage), purse.toll.limit.burst()));
        }
        return dropped;
    }

    /**
     * Takes a usage from what is in hand; the rest is owed.
     *
     * @return as of {@link #pass}
     */
    long charge(Usage usage) {
        long dropped = 0;
        for (Purse purse : purses) {
            dropped += purse.charge(Math.min(units(purse, usage), MOST_CHARGED));
        }
        return dropped;
    }

    void refund(Usage usage, long now) {
        for (Purse purse : purses) {
            purse.refund(units(purse, usage), sinceMicros(now), now);
        }
    }

    // ---- owing

    boolean owe() {
        for (Purse purse : purses) {
            if (purse.owes()) {
                return true;
            }
        }
        return false;
    }

    /** What is owed of each, in microseconds. It is on the way from now on, until {@link #told}. */
    List<Long> freeze() {
        List<Long> micros = new ArrayList<>(purses.length);
        for (Purse purse : purses) {
            micros.add(purse.freeze());
        }
        return micros;
    }

    void told() {
        for (Purse purse : purses) {
            purse.told();
        }
    }

    // ---- asking and hearing

    /** What all these ask for together; where it is more than a burst, one more than that. */
    long[] needs(List<Waiter> waiting) {
        long[] needs = new long[purses.length];
        for (Waiter waiter : waiting) {
            for (int i = 0; i < needs.length; i++) {
                long tooMuch = purses[i].toll.limit.burst() + 1;
                needs[i] = Math.min(needs[i] + Math.min(units(purses[i], waiter.usage), tooMuch), tooMuch);
            }
        }
        return needs;
    }

    /** What is to be in hand: as much as a request asks for, doubled so often, up to the most that may be. */
    long[] lease(int doublings, int gateways) {
        return Arrays.stream(purses)
                .mapToLong(purse -> purse.lease(doublings, gateways))
                .toArray();
    }

    /** What is to be fetched to have so much in hand; nothing when all is, or when it is more than a burst. */
    Optional<long[]> missing(long[] wanted) {
        long sum = 0;
        long[] missing = new long[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] > purses[i].toll.limit.burst()) {
                return Optional.empty();
            }
            missing[i] = Math.max(0, wanted[i] - purses[i].inHand());
            sum += missing[i];
        }
        return sum == 0 ? Optional.empty() : Optional.of(missing);
    }

    /** Whether half of a lease is spent. */
    boolean areLow(int doublings, int gateways) {
        for (Purse purse : purses) {
            if (purse.inHand() * 2 < purse.lease(doublings, gateways)) {
                return true;
            }
        }
        return false;
    }

    /** How long a lease is not there. */
    Shortage shortageOfLease(int doublings, long now, int gateways) {
        Shortage longest = Shortage.NONE;
        for (int i = 0; i < purses.length; i++) {
            long lease = purses[i].lease(doublings, gateways);
            longest = longest.orLonger(i, purses[i].waitNanos(lease, sinceMicros(now)));
        }
        return longest;
    }

    void heard(List<Long> aheadMicros, long now) {
        heard = true;
        heardAt = now;
        for (int i = 0; i < purses.length; i++) {
            purses[i].heard(aheadMicros.get(i));
        }
    }

    /** For how long Redis has said nothing. */
    long silenceNanos(long now) {
        return now - heardAt;
    }

    /** Takes into hand what Redis has been charged for. */
    void receive(long[] units, long since) {
        for (int i = 0; i < purses.length; i++) {
            purses[i].receive(units[i], since);
        }
    }

    /** Whether there is nothing to remember. */
    boolean areIdle(long now) {
        return Arrays.stream(purses).allMatch(purse -> purse.isIdle(sinceMicros(now)));
    }

    // ---- telling

    /** What one is told who asks for the smallest amount of the limit that is closest to its end. */
    Decision peek(Decision.Source source, long now, int gateways) {
        int limit = tightest(now, gateways);
        Purse purse = purses[limit];
        long wait = heard
                ? purse.waitNanos(1, sinceMicros(now))
                : purse.inHand() > 0 ? 0 : purse.shareWaitNanos(1, gateways);
        Verdict verdict = wait == 0 ? Verdict.TAKEN : Verdict.denied(limit, wait, false);
        return decision(verdict, source, now, gateways);
    }

    Decision decision(Verdict verdict, Decision.Source source, long now, int gateways) {
        Purse purse = purses[verdict.limit() >= 0 ? verdict.limit() : tightest(now, gateways)];
        boolean allowed = verdict.is(Kind.TAKEN);
        long wait = allowed ? 0 : Math.max(1, verdict.waitNanos());
        Duration reset = heard
                ? Duration.ofNanos(purse.missingMicros(sinceMicros(now)) * 1_000)
                : Duration.ofNanos(purse.shareNanos()).multipliedBy(gateways);
        return new Decision(
                allowed,
                purse.toll.limit,
                left(purse, now, gateways),
                wait == Toll.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(wait)),
                reset,
                source);
    }

    private int tightest(long now, int gateways) {
        int tightest = 0;
        double smallest = Double.MAX_VALUE;
        for (int i = 0; i < purses.length; i++) {
            double left = (double) left(purses[i], now, gateways) / purses[i].toll.limit.burst();
            if (left < smallest) {
                tightest = i;
                smallest = left;
            }
        }
        return tightest;
    }

    // As far as is known: in the beginning that is the share.
    private long left(Purse purse, long now, int gateways) {
        Toll toll = purse.toll;
        long there = heard
                ? toll.units(toll.toleranceMicros - purse.missingMicros(sinceMicros(now)))
                : purse.leftOfShare(gateways);
        return Math.min(toll.limit.burst(), purse.inHand() + there);
    }
}
