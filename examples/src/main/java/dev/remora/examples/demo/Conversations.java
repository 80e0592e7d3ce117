package dev.remora.examples.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one back end remembers: how many turns of each conversation it has answered. Lives as long as the back end runs, and
 * forgets the conversation that was silent longest when it is full. Used by the back end's event loop only.
 */
final class Conversations {

    private static final int MAX_CONVERSATIONS = 10_000;

    private final Map<String, Integer> turns = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > MAX_CONVERSATIONS;
        }
    };

    /** Counts one more turn and returns how many this back end has seen of the conversation now: 1 or more. */
    int nextTurn(String conversation) {
        return turns.merge(conversation, 1, Integer::sum);
    }
}
