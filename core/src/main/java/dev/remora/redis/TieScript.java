package dev.remora.redis;

import dev.remora.session.Retention;
import java.time.Duration;

/**
 * The two scripts that all gateways change sessions by, one atomic step of the store each, on one key and the store's clock.
 *
 * <p>A session is {@code 1 FENCE ENDS BACKEND}: the version of the form, the fence, the millisecond at which it ends however
 * much it is used (0 for never), and the back end. A fence is the microsecond of its making, or one more than the fence
 * before if that is later: it rises also when a session is forgotten and bound again, and when the clock steps back, as
 * long as somebody remembers the fence before.
 */
final class TieScript {

    /** The answer to a value of unknown form, which is left as it is. */
    static final String UNREADABLE = "?";

    /** The expected fence of one who replaces nothing. */
    static final String REPLACES_NOTHING = "-";

    // ARGV: the back end to bind to, '' to ask only; the fence that may be replaced; '1' if the fence of another winner
    // rises; idle time and maximum age in ms, 0 for no maximum; the fence to stay above; when the session ends, if that
    // is known; the ms of life below which it is prolonged.
    // A script that has written reads again: the store forgets who tracks a key when it is written.
    static final Script TIE = new Script("""
            local time = redis.call('TIME')
            local micros = time[1] * 1000000 + time[2]
            local millis = math.floor(micros / 1000)
            local idle, age, above, ends = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
            local fence, finish, backend
            local function left()
              return tonumber(finish) - millis
            end
            local function life()
              if finish == '0' then return idle end
              return math.max(1, math.min(idle, left()))
            end
            local function write(to, least, till)
              fence = string.format('%.0f', math.max(micros, least + 1))
              finish = string.format('%.0f', till)
              backend = to
              redis.call('SET', KEYS[1], '1 ' .. fence .. ' ' .. finish .. ' ' .. to, 'PX', string.format('%.0f', life()))
              redis.call('GET', KEYS[1])
            end
            local function fresh()
              if age == 0 then return 0 end
              return millis + age
            end
            local found = redis.call('GET', KEYS[1])
            if found then
              fence, finish, backend = string.match(found, '^1 (%d+) (%d+) ([!-~]+)$')
              if not fence or tonumber(fence) >= 9007199254740990 then return '?' end
              if finish ~= '0' and left() <= 0 then found = false end
            end
            if not found then
              if ARGV[1] == '' or (ends ~= 0 and ends <= millis) then return false end
              write(ARGV[1], above, ends ~= 0 and ends or fresh())
            elseif fence == ARGV[2] then
              write(ARGV[1], tonumber(fence), fresh())
            elseif tonumber(fence) < above or (ARGV[3] == '1' and backend ~= ARGV[1]) then
              write(backend, math.max(tonumber(fence), above), tonumber(finish))
            elseif redis.call('PTTL', KEYS[1]) < math.min(tonumber(ARGV[8]), life() * 0.9) then
              redis.call('PEXPIRE', KEYS[1], string.format('%.0f', life()))
              redis.call('GET', KEYS[1])
            end
            return fence .. ' ' .. finish .. ' ' .. (finish == '0' and '0' or string.format('%.0f', left())) .. ' ' .. backend
            """);

    static final Script UNTIE = new Script("""
            local found = redis.call('GET', KEYS[1])
            if found and string.match(found, '^1 (%d+) ') == ARGV[1] then
              return tostring(redis.call('DEL', KEYS[1]))
            end
            return '0'
            """);

    private final String idle;
    private final String age;
    private final String half;
    private final String threeQuarters;

    TieScript(Retention retention) {
        long idleMillis = retention.idle().toMillis();
        this.idle = Long.toString(idleMillis);
        this.age = Long.toString(retention.maxAge().map(Duration::toMillis).orElse(0L));
        this.half = Long.toString(idleMillis / 2);
        this.threeQuarters = Long.toString(idleMillis - idleMillis / 4);
    }

    /** Asks only; a session that has lived for half of its time is prolonged. */
    String[] find() {
        return arguments("", REPLACES_NOTHING, false, 0, 0, half);
    }

    /** Binds a session that is not bound. */
    String[] bind(String backend) {
        return arguments(backend, REPLACES_NOTHING, false, 0, 0, half);
    }

    /**
     * Binds a session anew that the store may have lost.
     *
     * @param inUse whether it is to be prolonged
     */
    String[] restore(Tie known, boolean inUse) {
        return arguments(
                known.binding().backend().value(),
                REPLACES_NOTHING,
                false,
                known.binding().fence(),
                known.endsAtMillis(),
                inUse ? threeQuarters : "0");
    }

    /** Binds a session to another back end if its fence is still the expected one. */
    String[] rebind(String backend, long expectedFence) {
        return arguments(backend, Long.toString(expectedFence), false, expectedFence, 0, half);
    }

    /** Tells of a session that was bound without the store. The first value wins; whoever held it learns by its fence. */
    String[] settle(String backend, String expectedFence, long above) {
        return arguments(backend, expectedFence, true, above, 0, half);
    }

    private String[] arguments(
            String backend, String replaces, boolean raisesOthers, long above, long ends, String prolongBelow) {
        return new String[] {
            backend,
            replaces,
            raisesOthers ? "1" : "0",
            idle,
            age,
            Long.toString(above),
            Long.toString(ends),
            prolongBelow
        };
    }
}
