package dev.remora.benchmarks;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a flag that counts something. */
final class AtLeastOne implements ITypeConverter<Integer> {

    private static final int MOST = 1_000_000;

    @Override
    public Integer convert(String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= MOST) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Answered below, as any other wrong value.
        }
        throw new TypeConversionException(text + " (expected: 1 to " + MOST + ")");
    }
}
