package dev.remora.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A {@link ProxyContender} alone in its JVM. It says its port and serves until its input ends. */
final class ProxyChild {

    private ProxyChild() {}

    /** Runs it; the arguments are the contender's name and the port of the back end. */
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.SEVERE);
        InetSocketAddress backend = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (RunningProxy proxy = ProxyContender.valueOf(args[0]).start(backend)) {
            out.println(proxy.address().getPort());
            while (in.readLine() != null) {
                // Nothing is asked.
            }
        }
        // Whatever threads a container leaves.
        System.exit(0);
    }
}
