package dev.remora.servlet;

import dev.remora.exchange.Outcome;

/**
 * The servlet containers that all tests run in, and in what they differ. The system property {@code remora.container}
 * names the present one; without it, as in an IDE, it is Tomcat 10.1.
 *
 * <p>What the methods tell is what {@link ContainerTest} and the tests of the adapter find, with the versions of the parent
 * POM. The README's table of containers is made of it.
 */
enum Container {
    TOMCAT10,
    TOMCAT11,
    JETTY,
    UNDERTOW;

    /**
     * For asynchronous requests that are to time out soon. Jetty loses a timeout that is over before it has noted its timer,
     * so that one of a millisecond now and then never comes.
     */
    static final long SHORT_TIMEOUT_MILLIS = 200;

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

    /** Whether an upgraded connection can be half closed. Tomcat and Jetty end all of it with the client's half. */
    boolean halfCloses() {
        return this == UNDERTOW;
    }

    /** How an upgraded connection ends that its client resets: Jetty tells that as if it had been closed. */
    Outcome resetByClient() {
        return this == JETTY ? Outcome.success() : Outcome.cancelled();
    }

    /** Starts the present one on a free port of 127.0.0.1. */
    static RunningContainer start(Site site) throws Exception {
        return switch (present()) {
            case TOMCAT10, TOMCAT11 -> new TomcatContainer(site);
            case JETTY -> new JettyContainer(site);
            case UNDERTOW -> new UndertowContainer(site);
        };
    }

    /** As it names itself. */
    String product() {
        return switch (this) {
            case TOMCAT10 -> "Apache Tomcat/10.1.";
            case TOMCAT11 -> "Apache Tomcat/11.0.";
            case JETTY -> "jetty/12.1.";
            case UNDERTOW -> "Undertow - 2.3.";
        };
    }

    int servletMinorVersion() {
        return this == TOMCAT11 ? 1 : 0;
    }

    /** Can take a response header back; Servlet 6.0 has no way to say so, 6.1 has. */
    boolean removesHeaders() {
        return this != TOMCAT10;
    }

    /** A response whose servlet throws behind the first byte is visibly cut off. Otherwise it looks whole. */
    boolean cutsWhatThrows(Http http) {
        return switch (this) {
            case TOMCAT10, TOMCAT11 -> http == Http.ONE;
            case JETTY -> true;
            case UNDERTOW -> false;
        };
    }

    /** The same when an asynchronous dispatch throws. */
    boolean cutsWhatThrowsInDispatch() {
        return this != UNDERTOW;
    }

    /** The same when an asynchronous request times out. */
    boolean cutsWhatTimesOut() {
        return this != JETTY;
    }

    /** Answers 500 when a servlet throws behind startAsync; otherwise the connection closes without a word. */
    boolean answersWhatThrowsBehindStartAsync() {
        return this != TOMCAT10;
    }

    /** Refuses startAsync behind a filter without async support in its own words. */
    boolean refusesAsyncItself() {
        return this == JETTY;
    }

    /** Asks each filter of the chain for its async support when it comes to it; otherwise all of them at once. */
    boolean asksFiltersForAsyncSupportInTurn() {
        return this != UNDERTOW;
    }

    /**
     * Tells of a client that has reset its HTTP/2 stream while nothing is written. Of an idle HTTP/1.1 connection that has
     * been closed no container tells before something is written or an unread body is asked for.
     */
    boolean tellsOfHttp2Resets() {
        return this != UNDERTOW;
    }

    /** Upgrades a request without a body, as all WebSocket handshakes are. Otherwise the connection seems closed at once. */
    boolean upgradesRequestsWithoutBody() {
        return this != JETTY;
    }

    /** Chunks a response when the client has asked for the connection to be closed, so that a cut can be told from the end. */
    boolean chunksLastResponses() {
        return this == TOMCAT10 || this == TOMCAT11;
    }

    /** Reads cookies that are not ASCII. Otherwise it answers 500 by itself. */
    boolean readsAllCookies() {
        return this != UNDERTOW;
    }

    /** Sends heads of answers of more than 8 KB. */
    boolean takesLargeHeads() {
        return this == JETTY || this == UNDERTOW;
    }

    /** The version of HTTP that a client speaks. */
    enum Http {
        ONE,
        TWO
    }
}
