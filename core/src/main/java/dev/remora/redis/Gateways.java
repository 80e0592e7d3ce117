package dev.remora.redis;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How many gateways share the limits: all that have said within three seconds that they live, by the store's clock. While the
 * store cannot be asked it is the number that was heard last.
 */
final class Gateways {

    static final long BEAT_MILLIS = 1_000;
    private static final int MOST = 1_000_000;

    private static final Script BEAT = new Script("""
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - 3000))
            redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + 3000), '+inf')
            redis.call('PEXPIRE', KEYS[1], 10000)
            return tostring(redis.call('ZCARD', KEYS[1]))
            """);

    private final String id;
    private final int least;
    private final Call beat;
    // Written on Lettuce's thread; a request may still count with the number before.
    private volatile int count;

    /**
     * None known beside this one.
     *
     * @param name under which the store keeps the list
     * @param least as many as there are at least, whatever the store says
     */
    Gateways(String name, RandomGenerator random, int least) {
        this.id = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
        this.least = least;
        this.beat = new Call(BEAT, name, id);
        this.count = least;
    }

    /** The name of this one, as nobody else has it. */
    String id() {
        return id;
    }

    /** How many there are, this one among them. */
    int count() {
        return count;
    }

    /** Says that this one lives, and hears of the others. */
    void beat(Questions questions) {
        Link link = questions.enter(beat.key());
        if (link != null) {
            questions.put(new Ask<Integer>(link), link, beat, (answer, vouch) -> heard(answer));
        }
    }

    private Optional<Integer> heard(@Nullable String answer) {
        if (answer == null || !answer.matches("[1-9]\\d{0,8}")) {
            return Optional.empty();
        }
        count = Math.max(least, Math.min(MOST, Integer.parseInt(answer)));
        return Optional.of(count);
    }
}
