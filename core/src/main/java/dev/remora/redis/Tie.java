package dev.remora.redis;

import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import org.jspecify.annotations.Nullable;

/**
 * What the store says of a session, as {@link TieScript} answers it.
 *
 * @param binding the back end and the fence
 * @param endsAtMillis when the session ends however much it is used, by the store's clock; 0 for never
 */
record Tie(Binding binding, long endsAtMillis) {

    /**
     * Reads an answer.
     *
     * @return nothing when it has a form that this version does not know
     */
    static @Nullable Tie parse(String answer) {
        int first = answer.indexOf(' ');
        int second = answer.indexOf(' ', first + 1);
        if (first < 0 || second < 0) {
            return null;
        }
        try {
            long fence = Long.parseLong(answer, 0, first, 10);
            long endsAt = Long.parseLong(answer, first + 1, second, 10);
            return new Tie(new Binding(new BackendId(answer.substring(second + 1)), fence), endsAt);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
