package dev.remora.redis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The script that all gateways take units by: one atomic step, on the store's clock. It holds the Generic Cell Rate Algorithm
 * (ITU-T I.371) for some limits at once.
 *
 * <p>A key's buckets are {@code 1 MOMENT MOMENT ...}: the version of the form, and for each limit the microsecond at which its
 * bucket is full. They live until all are full, and a millisecond. What has another form counts as not there, and is replaced; what is
 * further ahead than can be, because the clock has stepped back, counts as just so far. What denies writes nothing.
 */
final class BucketScript {

    // What was pushed is charged once: a second key holds the number of the gateway's last push, for as long as that
    // push is repeated.
    // ARGV: how many limits; the number of the push, '' without one; for how many ms that is kept; then for each limit
    // how far its bucket may be from full, how far it may be charged, how far it is from full when it is not known, and
    // what is pushed; then the offers, from large to small: of each limit how much. The first offer that fits is
    // granted.
    private static final Script TAKE = new Script("""
            local n = tonumber(ARGV[1])
            local time = redis.call('TIME')
            local now = time[1] * 1000000 + time[2]
            local function number(i, which)
              return tonumber(ARGV[4 * i + which])
            end
            local found = redis.pcall('GET', KEYS[1])
            local moments = {}
            if type(found) == 'string' and string.match(found, '^1 [%d ]+$') then
              for moment in string.gmatch(string.sub(found, 2), '%d+') do
                moments[#moments + 1] = tonumber(moment)
              end
            end
            local ahead, longest, changed = {}, 0, false
            for i = 1, n do
              if #moments == n then
                ahead[i] = math.max(0, math.min(moments[i] - now, number(i, 1)))
              else
                ahead[i] = number(i, 2)
              end
            end
            if ARGV[2] ~= '' and tonumber(ARGV[2]) > (tonumber(redis.call('GET', KEYS[2]) or '') or 0) then
              for i = 1, n do
                ahead[i] = math.max(0, math.min(ahead[i] + number(i, 3), number(i, 1)))
              end
              redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
              changed = true
            end
            local granted = 0
            for first = 4 * n + 4, #ARGV, n do
              local fits = true
              for i = 1, n do
                local cost = tonumber(ARGV[first + i - 1])
                fits = fits and (cost == 0 or ahead[i] + cost <= number(i, 0))
              end
              if fits then
                for i = 1, n do
                  ahead[i] = ahead[i] + tonumber(ARGV[first + i - 1])
                end
                granted = (first - 4) / n - 3
                changed = true
                break
              end
            end
            local value, answer = '1', string.format('%.0f', granted)
            for i = 1, n do
              longest = math.max(longest, ahead[i])
              value = value .. string.format(' %.0f', now + ahead[i])
              answer = answer .. string.format(' %.0f', ahead[i])
            end
            if changed then
              redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', math.floor(longest / 1000) + 1))
            end
            return answer
            """);

    private BucketScript() {}

    /**
     * What Redis says.
     *
     * @param granted which of the offers, from 1; 0 for none
     * @param aheadMicros how far each bucket is from full now
     */
    record Answer(int granted, List<Long> aheadMicros) {

        Answer {
            aheadMicros = List.copyOf(aheadMicros);
        }

        /** Reads an answer; nothing when it is none. */
        static @Nullable Answer parse(@Nullable String text, int limits) {
            if (text == null || !text.matches("\\d{1,9}( \\d{1,18}){" + limits + "}")) {
                return null;
            }
            List<Long> numbers =
                    Arrays.stream(text.split(" ")).map(Long::valueOf).toList();
            return new Answer(numbers.get(0).intValue(), numbers.subList(1, numbers.size()));
        }
    }

    /**
     * A question.
     *
     * @param key of the buckets
     * @param pusher the second key
     * @param push what is charged in any case, or given back
     * @param offers units of each limit
     * @param now on the clock of the terms
     */
    static Call take(String key, String pusher, Terms terms, @Nullable Push push, List<long[]> offers, long now) {
        Toll[] tolls = terms.tolls;
        List<String> arguments = new ArrayList<>();
        arguments.add(Integer.toString(tolls.length));
        arguments.add(push == null ? "" : Long.toString(push.number()));
        arguments.add(Long.toString(terms.pushMillis));
        for (int i = 0; i < tolls.length; i++) {
            arguments.add(Long.toString(tolls[i].toleranceMicros));
            arguments.add(Long.toString(tolls[i].mostMicros));
            arguments.add(Long.toString(Math.max(0, tolls[i].initialMicros - terms.ageNanos(now) / 1_000)));
            arguments.add(push == null ? "0" : push.micros().get(i).toString());
        }
        for (long[] offer : offers) {
            for (int i = 0; i < tolls.length; i++) {
                arguments.add(Long.toString(tolls[i].micros(offer[i])));
            }
        }
        return new Call(TAKE, push == null ? List.of(key) : List.of(key, pusher), arguments);
    }
}
