package dev.remora;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/** Reads the field {@code Retry-After} of RFC 9110: seconds, or a date in one of the three forms of HTTP. */
final class RetryAfter {

    // More digits than any cap.
    private static final int MOST_DIGITS = 9;
    private static final int CENTURY = 100;
    private static final int YEARS_AHEAD = 50;

    private RetryAfter() {}

    /**
     * How long to wait.
     *
     * @param longest more than this counts as this
     * @return zero if the time is over, or the value is none
     */
    static Duration read(String value, Instant now, Duration longest) {
        String text = value.strip();
        if (text.isEmpty()) {
            return Duration.ZERO;
        }
        Duration wait = text.chars().allMatch(c -> c >= '0' && c <= '9') ? seconds(text) : until(text, now);
        return wait.compareTo(longest) > 0 ? longest : wait.isNegative() ? Duration.ZERO : wait;
    }

    private static Duration seconds(String digits) {
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > MOST_DIGITS
                ? Duration.ofDays(365)
                : Duration.ofSeconds(Long.parseLong(significant));
    }

    private static Duration until(String date, Instant now) {
        for (DateTimeFormatter form : forms(now)) {
            try {
                return Duration.between(now, ZonedDateTime.parse(date, form));
            } catch (DateTimeException | ArithmeticException e) {
                // Another form, or none.
            }
        }
        return Duration.ZERO;
    }

    // IMF-fixdate, then the obsolete ones: RFC 850, whose years have two digits, and asctime.
    private static List<DateTimeFormatter> forms(Instant now) {
        int firstYear = now.atOffset(ZoneOffset.UTC).getYear() + YEARS_AHEAD - CENTURY + 1;
        return List.of(
                DateTimeFormatter.RFC_1123_DATE_TIME,
                new DateTimeFormatterBuilder()
                        .appendPattern("EEEE, dd-MMM-")
                        .appendValueReduced(ChronoField.YEAR, 2, 2, firstYear)
                        .appendPattern(" HH:mm:ss 'GMT'")
                        .toFormatter(Locale.US)
                        .withZone(ZoneOffset.UTC),
                DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
                        .withZone(ZoneOffset.UTC));
    }
}
