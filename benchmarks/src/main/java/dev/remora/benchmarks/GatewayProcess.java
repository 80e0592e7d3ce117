package dev.remora.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The handle of a {@link GatewayChild}. Closing it ends the process. Not thread-safe. */
final class GatewayProcess implements AutoCloseable {

    /**
     * A heap that is touched as a whole at the start, so that later growth of the resident set is memory outside of it;
     * and a collector that leaves nothing but live objects.
     */
    static final List<String> JVM_FLAGS = List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

    private static final long CLOSE_SECONDS = 30;

    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter commands;
    private final InetSocketAddress address;

    GatewayProcess(InetSocketAddress backend) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GatewayChild.class.getName()));
        command.add(Integer.toString(backend.getPort()));
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        answers = process.inputReader(StandardCharsets.US_ASCII);
        commands = new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
        try {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(answer()));
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
        return Long.parseLong(ask(GatewayChild.AWAIT + expected));
    }

    MemoryReading memory() throws IOException {
        return MemoryReading.parse(ask(GatewayChild.MEMORY));
    }

    /** Ends the process and waits for its end. */
    @Override
    public void close() {
        commands.close();
        try {
            if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private String ask(String command) throws IOException {
        commands.println(command);
        return answer();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IllegalStateException("gateway process: ended (expected: an answer)");
        }
        return line;
    }
}
