package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.util.List;
import java.util.Locale;

/** The words of the report that stand between its tables. */
final class ReportText {

    static final String STREAMS = """
            Of two members one has 40 open streams, the other none: who knows of them avoids it. Then the list comes anew
            with another member in between; or the busy member goes and comes back; or nothing is heard for eleven minutes; or
            the streams end. All of it is run, Remora and Vert.x with all that is around the strategy; what is only read in a
            peer's source stands in the last column. A picker that is not listed does not look at streams at all.

            """;

    static final String MEMBERSHIP = """
            One thread, as each library has it done. A removal and the addition that undoes it allocate together what one column says. Dubbo and Spring only keep the list and pay in every pick;
            gRPC's numbers include the subchannels of the members; hash4j's and Guava's only the list that the caller keeps.

            """;

    static final String ACQUIRE = """
            `tryAcquire` and `complete` of a real balancer (`AcquireBenchmark`): reading the request, the pick, counting the
            stream in and out, health. The tables above show the picker alone. Warmed up ten times as
            long.

            """;

    private ReportText() {}

    static String introduction(Report report) {
        return String.format(
                Locale.ROOT,
                """
                Machine: %s; JMH 1.37. %s variant: one JVM for each number, %d iterations of %d ms after %d for warm-up; the
                median counts. %s

                A speed means nothing alone: the pickers that are fast because they are wrong are marked in the last column. The
                first row is the floor, an empty picker. `peak/mean` is what the busiest member gets of a million requests, in
                multiples of its share (a fair die gives 1.01, 1.02 and 1.10 among 10, 100 and 1,000). `needless moves` are the
                keys that change their member though it stayed, when the middle one goes, and when one more comes at the end.

                """,
                report.machine(),
                report.variant().name(),
                report.variant().stopwatch().iterations(),
                report.variant().stopwatch().millis(),
                report.variant().stopwatch().warmups(),
                report.missing() == 0
                        ? ""
                        : report.missing() + " numbers are missing: the time was up, or they failed.");
    }

    static String fewer(int picks) {
        return String.format(Locale.ROOT, " (%,d k picks)", picks / 1_000);
    }

    static String reading(List<Contender> contenders) {
        StringBuilder text = new StringBuilder("## Read, not run\n\n");
        for (Contender contender : contenders) {
            Read.of(contender)
                    .ifPresent(read -> text.append("* ")
                            .append(contender.label())
                            .append(": ")
                            .append(read.words())
                            .append(".\n"));
        }
        return text.append("""

                        What it does not mean: a picker is a small part of a request. Two threads on two processors are no crowd.
                        Remora's modes of nginx and HAProxy move or spread keys as those do, which is what they are for.
                        gRPC's weighted round robin runs without reports of load, so all weights are equal.
                        """).toString();
    }
}
