package dev.remora.examples;

import dev.remora.redis.Redis;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How many gateways there are, and where they meet. */
final class SharingFlags {

    private static final int MOST_GATEWAYS = 16;
    private static final String SENTINEL = "redis-sentinel://";

    @Option(
            names = "--gateways",
            paramLabel = "N",
            description =
                    "So many gateways in this process, on the ports from --port on; they share the cookies' key and"
                            + " what --sticky remembers (default: 1).")
    private int gateways = 1;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "Where what --sticky remembers is shared, with gateways of other processes, too:"
                    + " redis://HOST:PORT, rediss://... for TLS, redis-sentinel://HOST:PORT#MASTER, or several redis://"
                    + " with commas between them for a Cluster (default: in this process's memory, or with several"
                    + " gateways in a small Redis that ends with them).")
    private Optional<String> redis = Optional.empty();

    /** @throws IllegalArgumentException when it is out of range */
    int gateways() {
        if (gateways < 1 || gateways > MOST_GATEWAYS) {
            throw new IllegalArgumentException("gateways: " + gateways + " (expected: 1 to " + MOST_GATEWAYS + ")");
        }
        return gateways;
    }

    /** Whether a client may come to another gateway next time. */
    boolean several() {
        return gateways() > 1 || redis.isPresent();
    }

    /**
     * The Redis that is named, if one is.
     *
     * @throws IllegalArgumentException when it is not of the form
     */
    Optional<Redis> redis() {
        return redis.map(SharingFlags::parse);
    }

    private static Redis parse(String text) {
        // Sentinels are listed within one URI.
        String[] uris = text.startsWith(SENTINEL) ? new String[] {text} : text.split(",", -1);
        return uris.length == 1 ? Redis.at(uris[0]) : Redis.cluster(uris);
    }
}
