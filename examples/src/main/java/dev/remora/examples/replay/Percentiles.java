package dev.remora.examples.replay;

import org.HdrHistogram.AbstractHistogram;

/** A distribution of times, in nanoseconds; all 0 when nothing was measured. */
public record Percentiles(long count, long p50, long p90, long p99, long max) {

    static Percentiles of(AbstractHistogram histogram) {
        return new Percentiles(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(90),
                histogram.getValueAtPercentile(99),
                histogram.getMaxValue());
    }
}
