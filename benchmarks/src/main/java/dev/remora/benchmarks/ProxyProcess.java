package dev.remora.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The handle of a {@link ProxyChild}, and what was measured of it. Closing it ends the process. Not thread-safe. */
final class ProxyProcess implements AutoCloseable {

    static final List<String> JVM_FLAGS = List.of("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC");

    private final ProxyContender contender;
    private final ChildJvm jvm;
    private final InetSocketAddress address;
    private final List<Sample> samples = new ArrayList<>();

    /**
     * One round.
     *
     * @param cpuNanos processor time of the process meanwhile
     * @param delays of each thing that passed, in nanoseconds
     */
    record Sample(long cpuNanos, Histogram delays) {

        double cpuMicrosEach() {
            return cpuNanos / 1e3 / delays.getTotalCount();
        }
    }

    ProxyProcess(ProxyContender contender, InetSocketAddress backend) throws IOException {
        this.contender = contender;
        jvm = new ChildJvm(JVM_FLAGS, ProxyChild.class, contender.name(), Integer.toString(backend.getPort()));
        try {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(jvm.answer()));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    ProxyContender contender() {
        return contender;
    }

    /** Passes one round of a load that is not measured. */
    void warmUp(ProxyLoad load) throws Exception {
        load.run(address);
    }

    /** Passes one round of a load, and keeps what it cost. */
    void measure(ProxyLoad load) throws Exception {
        long before = jvm.cpu().toNanos();
        Histogram delays = load.run(address);
        samples.add(new Sample(jvm.cpu().toNanos() - before, delays));
    }

    /** One for each round that was measured. */
    List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** Ends the process and waits for its end. */
    @Override
    public void close() {
        jvm.close();
    }
}
