package dev.remora.health;

/** The rule for a probe's own port. */
final class Ports {

    private Ports() {}

    static void require(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("probe port: " + port + " (expected: 1 to 65535)");
        }
    }
}
