package dev.remora.guard;

import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that goes to a back end and is shown to nobody else: it is in no text of this class, and in no message of an
 * exception. It has 1 to 8192 visible ASCII characters, and spaces between them. Thread-safe.
 */
public final class Secret {

    private static final int MAX_LENGTH = 8_192;

    private final String origin;
    private final Supplier<String> value;

    private Secret(String origin, Supplier<String> value) {
        this.origin = origin;
        this.value = value;
    }

    /**
     * The value of an environment variable, read now.
     *
     * @throws IllegalArgumentException if it is not set, or its value cannot be sent
     */
    public static Secret environment(String variable) {
        return environment(variable, System.getenv()::get);
    }

    static Secret environment(String variable, Function<String, @Nullable String> environment) {
        String origin = "environment variable " + variable;
        String value = environment.apply(variable);
        if (value == null) {
            throw new IllegalArgumentException(origin + ": not set (expected: a secret)");
        }
        String valid = valid(origin, value);
        return new Secret(origin, () -> valid);
    }

    /**
     * What is in a file, without the end of its last line. The file is followed as {@link AddressSet#file} does.
     *
     * @throws IllegalArgumentException if it cannot be read, or what is in it cannot be sent
     */
    public static Secret file(Path path) {
        FollowedFile<String> file = FollowedFile.of(path, Secret::line);
        return new Secret("file " + path, file::value);
    }

    /**
     * What a supplier says each time it is needed. A value that cannot be sent fails the request.
     *
     * @param supplier thread-safe; does not block
     */
    public static Secret of(Supplier<String> supplier) {
        return new Secret("supplier", () -> {
            try {
                return valid("supplier", supplier.get());
            } catch (RuntimeException e) {
                // Its message may well repeat the value.
                throw new IllegalStateException("secret: the supplier failed by "
                        + e.getClass().getName() + " (expected: a value that can be sent)");
            }
        });
    }

    /** What a file with this text says. */
    static String line(String text) {
        String withoutFeed = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        boolean hasReturn = withoutFeed.length() < text.length() && withoutFeed.endsWith("\r");
        return valid("secret", hasReturn ? withoutFeed.substring(0, withoutFeed.length() - 1) : withoutFeed);
    }

    /** The value itself, for the one header that it belongs in. */
    String reveal() {
        return value.get();
    }

    // A line break in it would let whoever writes the secret write other headers, too.
    private static String valid(String origin, String value) {
        boolean isValid = !value.isEmpty()
                && value.length() <= MAX_LENGTH
                && value.chars().allMatch(c -> c >= ' ' && c < 0x7f)
                && value.charAt(0) != ' '
                && value.charAt(value.length() - 1) != ' ';
        if (!isValid) {
            throw new IllegalArgumentException(
                    origin + ": a value of " + value.length() + " characters (expected: 1 to " + MAX_LENGTH
                            + " visible ASCII characters, and spaces between them)");
        }
        return value;
    }

    @Override
    public String toString() {
        return "secret of " + origin;
    }
}
