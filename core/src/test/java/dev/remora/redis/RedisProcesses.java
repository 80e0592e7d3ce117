package dev.remora.redis;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The servers that this JVM runs, and the directory they live in. Neither outlives it: a shutdown hook ends them, and
 * where none runs, because the JVM is killed or halts, a shell does that waits for the end of its input. Thread-safe.
 */
final class RedisProcesses {

    /** Is told at every change which processes run now. */
    private static final String GUARD = "trap '' HUP INT TERM; pids=; while read -r now; do pids=$now; done;"
            + " [ -z \"$pids\" ] || kill -9 $pids; rm -rf \"$0\"";

    private static final RedisProcesses OF_THIS_JVM = new RedisProcesses();

    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    private final Path directory;
    private final OutputStream guard;

    private RedisProcesses() {
        try {
            directory = Files.createTempDirectory("remora-redis-");
            guard = new ProcessBuilder("sh", "-c", GUARD, directory.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::endAll, "redis-processes"));
    }

    /** Deleted at the end of the JVM. */
    static Path directory() {
        return OF_THIS_JVM.directory;
    }

    static Process start(Path directory, Path output, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        OF_THIS_JVM.running.add(process);
        OF_THIS_JVM.tellGuard();
        return process;
    }

    /** Kills, and returns when the process is gone. Without effect on one that has ended. */
    static void end(Process process) {
        process.destroyForcibly();
        process.onExit().join();
        OF_THIS_JVM.running.remove(process);
        OF_THIS_JVM.tellGuard();
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // What is left goes at the end of the JVM.
        }
    }

    private synchronized void tellGuard() {
        String pids = running.stream()
                .filter(Process::isAlive)
                .map(process -> String.valueOf(process.pid()))
                .collect(Collectors.joining(" "));
        try {
            guard.write((pids + "\n").getBytes(RespConnection.CHARSET));
            guard.flush();
        } catch (IOException e) {
            // Somebody has killed the shell; the shutdown hook is still there.
        }
    }

    private void endAll() {
        running.forEach(RedisProcesses::end);
        delete(directory);
    }
}
