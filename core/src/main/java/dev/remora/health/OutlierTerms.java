package dev.remora.health;

import java.time.Duration;

/** The terms of {@link OutlierDetection}, each checked for itself. */
final class OutlierTerms {

    private OutlierTerms() {}

    /** Limits of runs; 0 where none matters. */
    record Consecutive(int errors, int gatewayErrors, int firstByteTimeouts, int aborts, int stalls) {
        Consecutive {
            requireLimit("consecutive errors", errors);
            requireLimit("consecutive gateway errors", gatewayErrors);
            requireLimit("consecutive first-byte timeouts", firstByteTimeouts);
            requireLimit("consecutive aborts", aborts);
            requireLimit("consecutive stalls", stalls);
        }

        private static void requireLimit(String name, int count) {
            if (count < 0 || count > Runs.MOST) {
                throw new IllegalArgumentException(name + ": " + count + " (expected: 0 to " + Runs.MOST + ")");
            }
        }

        Runs runs() {
            return new Runs(Runs.limit(Runs.ERROR, errors)
                    + Runs.limit(Runs.GATEWAY_ERROR, gatewayErrors)
                    + Runs.limit(Runs.FIRST_BYTE_TIMEOUT, firstByteTimeouts)
                    + Runs.limit(Runs.ABORT, aborts)
                    + Runs.limit(Runs.STALL, stalls));
        }
    }

    /** See {@link OutlierDetection#withSuccessRate}. */
    record SuccessRate(double deviations, int minBackends, int minStreams) {

        private static final double MOST_DEVIATIONS = 100;

        SuccessRate {
            if (!(deviations >= 0 && deviations <= MOST_DEVIATIONS)) {
                throw new IllegalArgumentException("success rate deviations: " + deviations + " (expected: 0 to 100)");
            }
            if (minBackends < 2) {
                throw new IllegalArgumentException("success rate back ends: " + minBackends + " (expected: >= 2)");
            }
            requireStreams("success rate streams", minStreams);
        }

        boolean isOn() {
            return deviations > 0;
        }
    }

    /** See {@link OutlierDetection#withFailureShare}. */
    record FailureShare(double share, int minStreams) {
        FailureShare {
            requireShare("failure share", share);
            requireStreams("failure share streams", minStreams);
        }

        boolean isOn() {
            return share > 0;
        }
    }

    /** For how long, and how many. */
    record Ejection(Duration base, Duration longest, double jitter, double largestShare) {

        // A monotonic clock's readings can be compared within 292 years.
        private static final Duration MOST = Duration.ofDays(365);

        Ejection {
            if (base.isNegative() || base.isZero()) {
                throw new IllegalArgumentException("ejection: " + base + " (expected: > 0)");
            }
            if (longest.compareTo(base) < 0 || longest.compareTo(MOST) > 0) {
                throw new IllegalArgumentException(
                        "longest ejection: " + longest + " (expected: " + base + " to " + MOST + ")");
            }
            requireShare("ejection jitter", jitter);
            requireShare("largest ejected share", largestShare);
        }

        /**
         * How long the next one lasts.
         *
         * @param before how many are not forgotten, at least 0
         * @param chance 0 to 1
         */
        long nanos(int before, double chance) {
            double doubled = base.toNanos() * Math.pow(2, before);
            double capped = Math.min(doubled, (double) longest.toNanos());
            return (long) (capped * (1 + jitter * chance));
        }

        /** How many of so many members may be out. */
        int most(int members) {
            // A share that was written as 0.3 stands for three of ten.
            return (int) Math.floor(largestShare * members + 1e-9);
        }
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(name + ": " + share + " (expected: 0 to 1)");
        }
    }

    private static void requireStreams(String name, int streams) {
        if (streams < 1) {
            throw new IllegalArgumentException(name + ": " + streams + " (expected: >= 1)");
        }
    }
}
