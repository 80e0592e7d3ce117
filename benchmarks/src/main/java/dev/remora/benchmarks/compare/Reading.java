package dev.remora.benchmarks.compare;

/**
 * What JMH found.
 *
 * @param nanos the median of its iterations: time of one operation, for one thread
 * @param bytes heap that one operation allocated
 */
record Reading(double nanos, double bytes) {

    static Reading of(double[] numbers) {
        return new Reading(numbers[0], numbers[1]);
    }
}
