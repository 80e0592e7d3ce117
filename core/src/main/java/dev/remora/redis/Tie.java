package dev.remora.redis;

import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import org.jspecify.annotations.Nullable;

/**
 * What the store says of a session, as {@link TieScript} answers it.
 *
 * @param binding the back end and the fence
 * @param endsAtMillis when the session ends however much it is used, by the store's clock; 0 for never
 * @param leftMillis how long that was from when it answered; 0 for ever
 */
record Tie(Binding binding, long endsAtMillis, long leftMillis) {

    /**
     * Reads an answer.
     *
     * @return nothing when it has a form that this version does not know
     */
    static @Nullable Tie parse(String answer) {
        int first = answer.indexOf(' ');
        int second = answer.indexOf(' ', first + 1);
        int third = answer.indexOf(' ', second + 1);
        if (first < 0 || second < 0 || third < 0) {
            return null;
        }
        try {
            long fence = Long.parseLong(answer, 0, first, 10);
            long endsAt = Long.parseLong(answer, first + 1, second, 10);
            long left = Long.parseLong(answer, second + 1, third, 10);
            return new Tie(new Binding(new BackendId(answer.substring(third + 1)), fence), endsAt, left);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
