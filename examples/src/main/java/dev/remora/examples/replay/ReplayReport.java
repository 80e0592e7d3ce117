package dev.remora.examples.replay;

import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a replay has seen.
 *
 * @param requests how many were sent
 * @param skipped how many were not sent, because the time was over
 * @param complete answers that came whole, {@code [DONE]} included
 * @param tokens content events received
 * @param tokensAsked content events that the trace asks for, of the requests that were sent
 * @param maxOpen the most requests that were open at once
 * @param took from the first arrival to the end of the last answer
 * @param errors how often each kind of error was seen
 * @param backends how many answers each back end began
 * @param followUps turns that were sent when an earlier turn of the same conversation had been answered
 * @param kept those of them that the same back end answered
 * @param firstToken from sending a request to its first token
 * @param gap from one token to the next
 * @param total from sending a request to its {@code [DONE]}
 * @param lateness from the time that the trace says to the time that the request was sent: the client's own fault
 */
public record ReplayReport(
        int requests,
        int skipped,
        long complete,
        long tokens,
        long tokensAsked,
        int maxOpen,
        Duration took,
        SortedMap<String, Long> errors,
        SortedMap<String, Long> backends,
        long followUps,
        long kept,
        Percentiles firstToken,
        Percentiles gap,
        Percentiles total,
        Percentiles lateness) {

    /** Whether every request was sent and every answer came whole. */
    public boolean faultless() {
        return skipped == 0 && errors.isEmpty() && complete == requests;
    }

    /** What share of all answers each back end gave, in percent. */
    public Map<String, Double> shares() {
        long all = backends.values().stream().mapToLong(Long::longValue).sum();
        var shares = new TreeMap<String, Double>();
        backends.forEach((name, answers) -> shares.put(name, 100.0 * answers / all));
        return shares;
    }
}
