package dev.remora.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * A gateway alone in its JVM, so that its memory can be told from everybody else's. It says its port, then answers one
 * line with one line; when its input ends, it ends, even if the one who started it was killed.
 */
final class GatewayChild {

    static final String AWAIT = "await ";
    static final String MEMORY = "memory";

    private GatewayChild() {}

    /** Runs it; the argument is the port of the back end. */
    public static void main(String[] args) throws IOException, InterruptedException {
        InetSocketAddress backend = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (Gateway gateway = new Gateway(backend)) {
            out.println(gateway.address().getPort());
            String command;
            while ((command = in.readLine()) != null) {
                out.println(answer(gateway, command));
            }
        }
    }

    private static String answer(Gateway gateway, String command) throws InterruptedException {
        if (command.startsWith(AWAIT)) {
            return Long.toString(gateway.awaitOpenStreams(Integer.parseInt(command.substring(AWAIT.length()))));
        }
        if (command.equals(MEMORY)) {
            return MemoryReading.now().line();
        }
        throw new IllegalArgumentException("command: " + command + " (expected: await N or memory)");
    }
}
