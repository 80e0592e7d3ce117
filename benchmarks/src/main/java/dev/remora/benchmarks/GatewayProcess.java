package dev.remora.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** The handle of a {@link GatewayChild}. Closing it ends the process. Not thread-safe. */
final class GatewayProcess implements AutoCloseable {

    /**
     * A heap that is touched as a whole at the start, so that later growth of the resident set is memory outside of it;
     * and a collector that leaves nothing but live objects.
     */
    static final List<String> JVM_FLAGS = List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

    private final ChildJvm jvm;
    private final InetSocketAddress address;

    GatewayProcess(InetSocketAddress backend) throws IOException {
        jvm = new ChildJvm(JVM_FLAGS, GatewayChild.class, Integer.toString(backend.getPort()));
        try {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(jvm.answer()));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** Waits until so many streams are open, and returns what the balancer's statistics say then. */
    long awaitOpenStreams(int expected) throws IOException {
        return Long.parseLong(jvm.ask(GatewayChild.AWAIT + expected));
    }

    MemoryReading memory() throws IOException {
        return MemoryReading.parse(jvm.ask(GatewayChild.MEMORY));
    }

    /** Ends the process and waits for its end. */
    @Override
    public void close() {
        jvm.close();
    }
}
