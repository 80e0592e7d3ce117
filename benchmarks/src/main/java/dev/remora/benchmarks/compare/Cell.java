package dev.remora.benchmarks.compare;

/**
 * One number that JMH is asked for.
 *
 * @param measure what is done
 * @param subject by whom: the name of a contender, or of what ties clients to their back ends
 * @param size among how many members
 * @param threads by how many threads at once
 */
record Cell(Measure measure, String subject, int size, int threads) {

    /** Its name in the ledger. */
    String key() {
        return measure + " " + subject + " n=" + size + " t=" + threads;
    }
}
