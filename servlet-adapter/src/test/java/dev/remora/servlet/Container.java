package dev.remora.servlet;

/**
 * The servlet containers that all tests run in, and in what they differ. The system property {@code remora.container}
 * names the present one; without it, as in an IDE, it is Tomcat 10.1.
 */
enum Container {
    TOMCAT10,
    TOMCAT11,
    JETTY,
    UNDERTOW;

    /** The one of this JVM. */
    static Container present() {
        String name = System.getProperty("remora.container", "tomcat10");
        for (Container container : values()) {
            if (container.name().equalsIgnoreCase(name)) {
                return container;
            }
        }
        throw new IllegalStateException(
                "remora.container: " + name + " (expected: tomcat10, tomcat11, jetty or undertow;"
                        + " a test that starts a container is annotated with InEveryContainer)");
    }

    /** Whether a servlet can upgrade a connection whose request has no body. Jetty 12.1 ends the client's half at once. */
    boolean upgrades() {
        return this != JETTY;
    }

    /** Whether an upgraded connection can be half closed. Tomcat ends all of it with the client's half. */
    boolean halfCloses() {
        return this == UNDERTOW;
    }

    /** Starts the present one on a free port of 127.0.0.1. */
    static RunningContainer start(Site site) throws Exception {
        return switch (present()) {
            case TOMCAT10, TOMCAT11 -> new TomcatContainer(site);
            case JETTY -> new JettyContainer(site);
            case UNDERTOW -> new UndertowContainer(site);
        };
    }
}
