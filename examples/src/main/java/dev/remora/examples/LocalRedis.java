package dev.remora.examples;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A Redis for the gateways of this process: a server that the Maven artifact org.signal:embedded-redis carries, on a free
 * port of 127.0.0.1, without persistence. A shell waits for the end of its own input, which comes with {@link #close} or
 * with the end of this JVM, however that ends; then it kills the server and deletes its directory. Thread-safe.
 */
final class LocalRedis implements AutoCloseable {

    private static final String RELEASE = "7.0.15";
    private static final String ELSE = " (expected: one that starts; --redis URI names another)";
    private static final int PORTS_TRIED = 5;
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int REPLY_MILLIS = 1_000;

    // Ctrl-C is for the gateways, whose open streams may finish, so the server leaves the terminal's group if it can.
    private static final String LAUNCH = "command -v setsid >/dev/null && exec setsid \"$@\"; exec \"$@\"";
    private static final String GUARD = "trap '' HUP INT TERM; read -r end; kill -9 \"$1\"; rm -rf \"$2\"";

    private final int port;
    private final Process server;
    private final Process guard;

    private LocalRedis(int port, Process server, Process guard) {
        this.port = port;
        this.server = server;
        this.guard = guard;
    }

    /** Returns when it answers. */
    static LocalRedis start() throws CommandFailed {
        return start(platform());
    }

    static LocalRedis start(String platform) throws CommandFailed {
        try {
            for (int attempt = 1; ; attempt++) {
                LocalRedis redis = launch(platform);
                String failure = redis.awaitAnswer();
                if (failure.isEmpty()) {
                    return redis;
                }
                redis.close();
                // Somebody else may have taken the port meanwhile.
                if (attempt == PORTS_TRIED) {
                    throw new CommandFailed("redis: " + failure + ELSE);
                }
            }
        } catch (IOException e) {
            throw new CommandFailed("redis: " + e.getMessage() + ELSE, e);
        }
    }

    String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** Returns when it is gone; without effect when it has ended. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
        } catch (IOException e) {
            // Somebody has killed the shell.
        }
        guard.onExit().join();
        server.destroyForcibly().onExit().join();
    }

    private static LocalRedis launch(String platform) throws IOException, CommandFailed {
        int port = freePort();
        Path directory = Files.createTempDirectory("remora-redis-");
        Path program = extract(directory, platform);
        List<String> command = new ArrayList<>(List.of("sh", "-c", LAUNCH, "sh", program.toString()));
        command.addAll(List.of("--bind", "127.0.0.1", "--port", String.valueOf(port), "--dir", directory.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "no", "--daemonize", "no"));
        Process server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
        try {
            return new LocalRedis(port, server, guard(server, directory));
        } catch (IOException e) {
            server.destroyForcibly();
            throw e;
        }
    }

    private static Process guard(Process server, Path directory) throws IOException {
        return new ProcessBuilder("sh", "-c", GUARD, "sh", String.valueOf(server.pid()), directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static Path extract(Path directory, String platform) throws IOException, CommandFailed {
        String name = "redis-server-" + RELEASE + "-" + platform;
        try (InputStream in = LocalRedis.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                Files.delete(directory);
                throw new CommandFailed("redis: none comes along for " + platform + ELSE);
            }
            Path program = directory.resolve(name);
            Files.copy(in, program);
            program.toFile().setExecutable(true);
            return program;
        }
    }

    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return (os.startsWith("mac") ? "darwin" : os.replace(' ', '-')) + "-"
                + switch (arch) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    case "x86", "i386", "i686" -> "386";
                    default -> arch;
                };
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Nothing when it answers, else why it does not. */
    private String awaitAnswer() {
        long start = System.nanoTime();
        while (server.isAlive()) {
            if (answers()) {
                return "";
            }
            if (System.nanoTime() - start > START_NANOS) {
                return "no answer on port " + port;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return "the server ended with " + server.exitValue();
    }

    /** Whether it is this server that answers, and not one that was faster at the port. */
    private boolean answers() {
        try (var socket = new Socket()) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            socket.connect(address, REPLY_MILLIS);
            socket.setSoTimeout(REPLY_MILLIS);
            socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            String reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return reply.contains("process_id:" + server.pid() + "\r\n");
        } catch (IOException e) {
            return false;
        }
    }
}
