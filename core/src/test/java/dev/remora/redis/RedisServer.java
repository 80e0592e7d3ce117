package dev.remora.redis;

import dev.remora.wire.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis on a free port of 127.0.0.1, with a directory of its own and without persistence. It can be killed, frozen
 * and started anew as a test wishes. Not thread-safe, except for {@link #command}.
 *
 * <pre>{@code
 * try (RedisServer redis = RedisServer.start(RedisVersion.V7_0)) {
 *     redis.command("SET", "key", "value");
 *     redis.kill();
 * }
 * }</pre>
 */
public final class RedisServer implements AutoCloseable {

    private static final int PORTS_TRIED = 5;
    private static final Duration START_PATIENCE = Duration.ofSeconds(20);
    private static final Duration REPLY_PATIENCE = Duration.ofSeconds(5);

    private final Path binary;
    private final List<String> config;
    private final int port;
    private final Path directory;
    private Process process;
    private boolean paused;

    private RedisServer(Path binary, List<String> config) throws IOException {
        this.binary = binary;
        this.config = config;
        port = RedisPorts.next();
        directory = Files.createTempDirectory(RedisProcesses.directory(), port + "-");
        process = launch();
    }

    /**
     * Starts a server; returns when it answers. Where this machine cannot run it, the test is skipped.
     *
     * @param config more of its arguments, such as {@code --requirepass secret} in two words
     */
    public static RedisServer start(RedisVersion version, String... config) {
        Path binary = RedisBinary.of(version);
        for (int attempt = 1; ; attempt++) {
            try {
                return new RedisServer(binary, List.of(config)).ready();
            } catch (PortTakenException e) {
                if (attempt == PORTS_TRIED) {
                    throw e;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public int port() {
        return port;
    }

    /** Without a password. */
    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** Of the process that runs now, or ran last. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs and is not frozen. */
    public boolean isServing() {
        return process.isAlive() && !paused;
    }

    /** What it has printed since its start. */
    public String output() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as a crash does; returns when it is gone. Connections are reset. */
    public void kill() {
        RedisProcesses.end(process);
        paused = false;
    }

    /** Freezes it: connections stay, new ones are accepted by the system, nothing is answered. */
    public void pause() {
        signal("STOP");
        paused = true;
    }

    /** It goes on, with whatever was sent to it meanwhile. */
    public void resume() {
        signal("CONT");
        paused = false;
    }

    /** A new and empty process on the same port, whether or not the old one still runs; returns when it answers. */
    public void restart() {
        kill();
        RedisProcesses.delete(directory);
        try {
            Files.createDirectory(directory);
            process = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ready();
    }

    /**
     * Asks on a connection of its own. The reply: a String, also for an integer, a List of replies, or null.
     *
     * @throws IllegalStateException with the message of an error reply
     * @throws UncheckedIOException when there is no reply within 5 s
     */
    public @Nullable Object command(String... words) {
        return command(REPLY_PATIENCE, words);
    }

    @Nullable
    Object command(Duration patience, String... words) {
        try (var connection = new RespConnection(port, patience)) {
            int password = config.indexOf("--requirepass") + 1;
            if (password > 0) {
                connection.send("AUTH", config.get(password));
            }
            return connection.send(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Forgets everything, as soon as all other clients are gone: of one that has closed its connection something may still
     * be on its way, which would come to the next test.
     */
    void clear() {
        Eventually.holds(
                "nobody is connected",
                START_PATIENCE,
                () -> info("connected_clients", "INFO", "clients").equals("1"));
        command("FLUSHALL");
    }

    /** The value of a field as INFO and CLUSTER INFO print it, one in a line; empty without it. */
    String info(String field, String... words) {
        return String.valueOf(command(words))
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1))
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        kill();
        RedisProcesses.delete(directory);
    }

    private Process launch() throws IOException {
        // Sentinel and CONFIG REWRITE want a file to write to.
        Path file = Files.createFile(directory.resolve("redis.conf"));
        List<String> command = new ArrayList<>(List.of(binary.toString(), file.toString()));
        command.addAll(List.of("--bind", "127.0.0.1", "--port", String.valueOf(port), "--dir", directory.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "no", "--daemonize", "no"));
        command.addAll(config);
        return RedisProcesses.start(directory, log(), command);
    }

    private Path log() {
        return directory.resolve("output.log");
    }

    private RedisServer ready() {
        try {
            Eventually.holds("an answer of " + uri(), START_PATIENCE, this::isReady);
            return this;
        } catch (AssertionError | RuntimeException e) {
            String output = output();
            close();
            if (output.contains("Address already in use")) {
                throw new PortTakenException(output, e);
            }
            throw new IllegalStateException("redis-server " + config + ": did not start\n" + output, e);
        }
    }

    /** On a port that was taken in between another server may answer, so it is asked who it is. */
    private boolean isReady() {
        if (!process.isAlive()) {
            throw new IllegalStateException("it ended with " + process.exitValue());
        }
        try {
            return "PONG".equals(command("PING"))
                    && info("process_id", "INFO", "server").equals(String.valueOf(pid()));
        } catch (UncheckedIOException | IllegalStateException e) {
            return false;
        }
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                    .inheritIO()
                    .start();
            int code = kill.waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid() + ": " + code + " (expected: 0)");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Somebody was faster. */
    private static final class PortTakenException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        PortTakenException(String output, Throwable cause) {
            super(output, cause);
        }
    }
}
