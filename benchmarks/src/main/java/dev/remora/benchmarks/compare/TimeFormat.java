package dev.remora.benchmarks.compare;

import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;

/** Nanoseconds in the unit that fits. */
final class TimeFormat extends NumberFormat {

    private static final long serialVersionUID = 1L;

    @Override
    public StringBuffer format(double nanos, StringBuffer to, FieldPosition position) {
        if (nanos < 999) {
            return to.append(Math.round(nanos)).append(" ns");
        }
        if (nanos < 999_999) {
            return to.append(Math.round(nanos / 1e3)).append(" \u00b5s");
        }
        if (nanos < 999_999_999) {
            return to.append(Math.round(nanos / 1e6)).append(" ms");
        }
        return to.append(Math.round(nanos / 1e9)).append(" s");
    }

    @Override
    public StringBuffer format(long nanos, StringBuffer to, FieldPosition position) {
        return format((double) nanos, to, position);
    }

    @Override
    public Number parse(String source, ParsePosition position) {
        throw new UnsupportedOperationException("it only writes");
    }
}
