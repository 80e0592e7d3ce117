package dev.remora.redis;

import java.util.List;

/**
 * What Redis is told that has passed already, or has been given back: the same amounts under the same number, again and again
 * until it has answered, so that they are charged once.
 *
 * @param number rises with every push of a key
 * @param micros of each limit: what is charged, or less than 0 what is given back
 * @param since when it was told first
 */
record Push(long number, List<Long> micros, long since) {

    Push {
        micros = List.copyOf(micros);
    }
}
