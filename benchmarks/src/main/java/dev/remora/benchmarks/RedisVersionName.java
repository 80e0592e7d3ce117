package dev.remora.benchmarks;

import dev.remora.redis.RedisVersion;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a flag that names a Redis, as 7.0. */
final class RedisVersionName implements ITypeConverter<RedisVersion> {

    static String of(RedisVersion version) {
        return version.name().substring(1).replace('_', '.');
    }

    @Override
    public RedisVersion convert(String text) {
        return Arrays.stream(RedisVersion.values())
                .filter(version -> of(version).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException(text + " (expected: 7.0 or 6.2)"));
    }
}
