package dev.remora.examples;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * So much in a period, as people write it: {@code 60/1m}, {@code 100/1s,burst=40}.
 *
 * @param amount how much
 * @param per the period
 * @param burst how much at once
 */
record RateFlag(long amount, Duration per, long burst) {

    /** Reads one. */
    static final class Converter implements ITypeConverter<RateFlag> {

        private static final Pattern FORM =
                Pattern.compile("(\\d{1,15})/(\\d{0,12}(?:ms|s|m|h))(?:,burst=(\\d{1,15}))?");

        @Override
        public RateFlag convert(String text) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new TypeConversionException(
                        text + " (expected: a number, a slash and a time, as in 60/1m or 100/1s,burst=40)");
            }
            String per = parts.group(2);
            boolean counted = Character.isDigit(per.charAt(0));
            long amount = Long.parseLong(parts.group(1));
            String burst = parts.group(3);
            return new RateFlag(
                    amount,
                    new DurationFlag().convert(counted ? per : "1" + per),
                    burst == null ? amount : Long.parseLong(burst));
        }
    }
}
