package dev.remora.inspect;

import java.util.List;

/**
 * What an inspection came to.
 *
 * @param findings what was found, in order; may be empty
 * @param truncated how many characters were left out because there were too many, or could not be read for sure; of a body, of
 *     which only the beginning is known, at least so many
 * @param refused whether the request is refused
 */
public record InspectionReport(List<Finding> findings, int truncated, boolean refused) {

    /** Creates a report. */
    public InspectionReport {
        findings = List.copyOf(findings);
        if (truncated < 0) {
            throw new IllegalArgumentException("truncated: " + truncated + " (expected: >= 0)");
        }
    }

    /** The scores of the findings, all in all. */
    public int score() {
        return findings.stream().mapToInt(Finding::score).sum();
    }
}
