package dev.remora.health;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one probe has found, and what the back end wishes. Immutable.
 *
 * <p>What an answer does not wish stays as it was before.
 *
 * @param passed whether the back end says that it is fit
 * @param certain whether this is believed at once, without others in a row: the back end has said so itself
 * @param share the part of its weight that it wants to have, 0 to {@value #MAX_SHARE}; 0 is as good as to drain
 * @param draining whether it wants to serve no clients but those that are bound to it
 * @param reason why, for the log: at most {@value #MAX_REASON} printable ASCII characters, and nothing secret
 */
public record ProbeAnswer(
        boolean passed, boolean certain, OptionalDouble share, Optional<Boolean> draining, String reason) {

    static final double MAX_SHARE = 2.56;
    static final int MAX_REASON = 200;

    /** Creates an answer from all its parts. */
    public ProbeAnswer {
        if (share.isPresent() && !(share.getAsDouble() >= 0 && share.getAsDouble() <= MAX_SHARE)) {
            throw new IllegalArgumentException(
                    "probe share: " + share.getAsDouble() + " (expected: 0 to " + MAX_SHARE + ")");
        }
        if (reason.length() > MAX_REASON || reason.chars().anyMatch(c -> !isPrintable(c))) {
            throw new IllegalArgumentException("probe reason: of length " + reason.length() + " (expected: at most "
                    + MAX_REASON + " printable ASCII characters)");
        }
    }

    /** It is fit, and wishes nothing. */
    public static ProbeAnswer pass(String reason) {
        return new ProbeAnswer(true, false, OptionalDouble.empty(), Optional.empty(), reason);
    }

    /** It is not fit, or does not answer. */
    public static ProbeAnswer fail(String reason) {
        return new ProbeAnswer(false, false, OptionalDouble.empty(), Optional.empty(), reason);
    }

    /** It could not be asked: the failure is told by its kind and, when it comes from the network, its message. */
    public static ProbeAnswer failedBy(Throwable failure) {
        return fail(ProbeFailure.text(failure));
    }

    static boolean isPrintable(int c) {
        return c >= ' ' && c < 0x7f;
    }
}
