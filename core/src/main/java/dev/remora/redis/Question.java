package dev.remora.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Redis is asked about one key.
 *
 * @param number rises with every question of a key
 * @param push what is told by the way
 * @param offers units of each limit, from the largest to the least that helps; Redis grants the first that fits
 * @param since when it was put
 */
record Question(long number, @Nullable Push push, List<long[]> offers, long since) {

    Question {
        offers = List.copyOf(offers);
    }
}
