package dev.remora.guard;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/** The keys by which callers are known. Thread-safe; does not block. */
@FunctionalInterface
public interface ApiKeys {

    /**
     * Whose key it is; nothing when it is nobody's.
     *
     * @param sha256 the hash of the key that was shown, as {@link ApiKey#sha256(String)} makes it
     */
    Optional<Caller> caller(String sha256);

    /**
     * Keys that do not change.
     *
     * @throws IllegalArgumentException if two have the same hash
     */
    static ApiKeys of(ApiKey... keys) {
        return of(Arrays.asList(keys));
    }

    /**
     * Keys that do not change.
     *
     * @throws IllegalArgumentException if two have the same hash
     */
    static ApiKeys of(Collection<ApiKey> keys) {
        return HashedKeys.of(keys);
    }

    /**
     * The keys in a text file, one a line: label, plan and hash, with spaces between; what follows a {@code #} is a comment. The file is
     * followed as {@link AddressSet#file} does.
     *
     * <pre>{@code
     * # label  plan  sha256
     * alice    free  2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
     * }</pre>
     *
     * @throws IllegalArgumentException if the file cannot be read or is bad now, with the line
     */
    static ApiKeys file(Path path) {
        FollowedFile<ApiKeys> file = FollowedFile.of(path, HashedKeys::lines);
        return sha256 -> file.value().caller(sha256);
    }
}
