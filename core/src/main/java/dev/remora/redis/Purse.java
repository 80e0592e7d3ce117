package dev.remora.redis;

/**
 * What a gateway has of one limit for one key: units in hand that Redis was charged for before, units that it is still to be
 * charged for, how full it said its bucket is, and the gateway's own share of the limit, which counts all that passes here and
 * decides when Redis cannot. Guarded by its account.
 *
 * <p>Units in hand are of two ages at most, the older ones are spent first: those that were asked for when half of the others
 * were spent.
 */
final class Purse {

    final Toll toll;

    private long older;
    private long olderSince;
    private long younger;
    private long youngerSince;

    /** Units that Redis is still to be charged, or less than 0: to be given back. */
    private long owed;
    /** The same, already on the way. */
    private long underwayMicros;
    /** How far the bucket in Redis was from full when it said so. */
    private long aheadMicros;
    /** How far the gateway's own bucket is from full. */
    private long shareNanos;
    /** What requests ask for, one like another. */
    private long usual;

    /**
     * An empty purse.
     *
     * @param ageNanos for how long the share has filled, though nobody knew
     */
    Purse(Toll toll, int gateways, long ageNanos) {
        this.toll = toll;
        long missing = toll.share(gateways) - Math.min(toll.share(gateways), toll.limit.initial() / gateways);
        this.shareNanos = toll.limit.initial() == toll.limit.burst()
                ? 0
                : Math.max(0, missing * toll.nanosPerUnit - ageNanos / gateways);
    }

    // ---- in hand

    long inHand() {
        return older + younger;
    }

    /** Takes units that are in hand, and counts them against the share. */
    void spend(long units, int gateways) {
        use(units);
        warm(units, toll.share(gateways) * toll.nanosPerUnit);
    }

    private void use(long units) {
        long old = Math.min(older, units);
        older -= old;
        younger -= units - old;
        if (older == 0) {
            older = younger;
            olderSince = youngerSince;
            younger = 0;
        }
    }

    /** Takes units into hand that Redis has been charged for; what is owed is paid first. */
    void receive(long units, long since) {
        long pays = Math.max(0, Math.min(owed, units));
        owed -= pays;
        hold(units - pays, since);
    }

    private void hold(long units, long since) {
        if (units == 0) {
            return;
        }
        // None gets younger.
        if (older == 0 || since - olderSince <= 0) {
            older += units;
            olderSince = since;
        } else {
            older += younger;
            younger = units;
            youngerSince = since;
        }
    }

    /**
     * Gives back what has been in hand for too long.
     *
     * @return whether there was any
     */
    boolean dropOlderThan(long age, long now) {
        long before = owed;
        while (older > 0 && now - olderSince >= age) {
            owed -= older;
            older = younger;
            olderSince = youngerSince;
            younger = 0;
        }
        return owed != before;
    }

    // ---- owed

    /**
     * Lets units pass that Redis is charged for later.
     *
     * @return how many of them nobody will ever be charged for: what is owed is bounded
     */
    long pass(long units) {
        warm(Math.min(units, toll.most), toll.most * toll.nanosPerUnit);
        return owe(units);
    }

    /** The same, but what is in hand is taken first. */
    long charge(long units) {
        long hand = Math.min(units, inHand());
        use(hand);
        warm(Math.min(units, toll.most), toll.most * toll.nanosPerUnit);
        return owe(units - hand);
    }

    private long owe(long units) {
        long sum = owed + units;
        owed = Math.min(sum, toll.most);
        return sum - owed;
    }

    /**
     * Takes back what was not used: it pays what is owed, and is in hand again as far as the bucket in Redis has room for it.
     * The rest Redis is told of, where it fills the bucket at most.
     */
    void refund(long units, long sinceMicros, long now) {
        long some = Math.min(units, toll.most);
        shareNanos = Math.max(0, shareNanos - some * toll.nanosPerUnit);
        long pays = Math.max(0, Math.min(owed, some));
        long room = toll.units(missingMicros(sinceMicros)) - pays - inHand();
        long hand = Math.max(0, Math.min(some - pays, room));
        owed = Math.max(-toll.most, owed - (some - hand));
        hold(hand, now);
    }

    /** Makes one amount of what is owed, to be charged or less than 0; it stays as it is until it is told. */
    long freeze() {
        underwayMicros = owed >= 0 ? toll.micros(owed) : -toll.refundMicros(-owed);
        owed = 0;
        return underwayMicros;
    }

    /** Redis has been told, or never will be. */
    void told() {
        underwayMicros = 0;
    }

    boolean owes() {
        return owed != 0;
    }

    // ---- what Redis has said

    void heard(long newAheadMicros) {
        aheadMicros = newAheadMicros;
    }

    /**
     * How far the bucket in Redis is from full, if nobody else has taken anything since.
     *
     * @param sinceMicros for how long it has filled since it said so
     */
    long missingMicros(long sinceMicros) {
        long charges = underwayMicros + (owed >= 0 ? toll.micros(owed) : -toll.refundMicros(-owed));
        return Math.max(0, Math.max(0, aheadMicros - sinceMicros) + charges);
    }

    /**
     * In how many nanoseconds Redis can have what of some units is not in hand, and not before; {@link Toll#NEVER} if they are
     * more than a burst.
     */
    long waitNanos(long units, long sinceMicros) {
        if (units <= inHand()) {
            return 0;
        }
        return units > toll.limit.burst()
                ? Toll.NEVER
                : 1_000
                        * Math.max(
                                0, missingMicros(sinceMicros) + toll.micros(units - inHand()) - toll.toleranceMicros);
    }

    // ---- the share

    /** The gateway's own bucket has filled for so long, at a share of the pace. */
    void fill(long nanos) {
        shareNanos = Math.max(0, shareNanos - nanos);
    }

    /** Redis could not be told for long: what the share has paid meanwhile is not owed any more. */
    void forgive() {
        owed = Math.min(owed, (shareNanos + toll.nanosPerUnit - 1) / toll.nanosPerUnit);
    }

    long shareNanos() {
        return shareNanos;
    }

    /** In how many nanoseconds units are there of the share, {@link Toll#NEVER} if they are more than it ever holds. */
    long shareWaitNanos(long units, int gateways) {
        long share = toll.share(gateways);
        if (units == 0 || units > share) {
            return units == 0 ? 0 : Toll.NEVER;
        }
        long wait = shareNanos + (units - share) * toll.nanosPerUnit;
        return wait <= 0 ? 0 : wait > Toll.NEVER / gateways ? Toll.NEVER : wait * gateways;
    }

    long leftOfShare(int gateways) {
        return Math.max(0, toll.share(gateways) - (shareNanos + toll.nanosPerUnit - 1) / toll.nanosPerUnit);
    }

    // What Redis has let pass does not empty it beyond its own burst; what it has not may, up to all debt.
    private void warm(long units, long bound) {
        shareNanos = Math.max(shareNanos, Math.min(bound, shareNanos + units * toll.nanosPerUnit));
    }

    // ---- how much to ask for

    void usual(long units) {
        usual = units;
    }

    long usual() {
        return usual;
    }

    /** How much is to be in hand: as much as a request asks for, doubled so often, up to the most that may be. */
    long lease(int doublings, int gateways) {
        long most = Math.max(usual, toll.mostInHand(gateways));
        long lease = usual;
        for (int i = 0; i < doublings && lease < most; i++) {
            lease *= 2;
        }
        return Math.min(lease, most);
    }

    /** Whether there is nothing to remember, except what Redis knows. */
    boolean isIdle(long sinceMicros) {
        return inHand() == 0 && owed == 0 && underwayMicros == 0 && shareNanos == 0 && missingMicros(sinceMicros) == 0;
    }
}
