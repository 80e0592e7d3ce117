package dev.remora.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program of this class path in a JVM of its own, which says one line when it is ready, then answers one line with one
 * line, and ends when its input does. Closing it ends the process. Not thread-safe.
 */
final class ChildJvm implements AutoCloseable {

    private static final long CLOSE_SECONDS = 30;
    // Nothing here runs as long: a process that hangs ends the run instead.
    private static final long LONGEST_LIFE_HOURS = 2;

    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter commands;

    /** Starts it. */
    ChildJvm(List<String> flags, Class<?> program, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(args));
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        answers = process.inputReader(StandardCharsets.US_ASCII);
        commands = new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
        CompletableFuture.delayedExecutor(LONGEST_LIFE_HOURS, TimeUnit.HOURS).execute(process::destroyForcibly);
    }

    /** The next line that it says; waits for it. */
    String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IllegalStateException("child process: ended (expected: an answer)");
        }
        return line;
    }

    String ask(String command) throws IOException {
        commands.println(command);
        return answer();
    }

    /** Its processor time so far, in user and system mode, all threads together; as fine as the system tells, often 10 ms. */
    Duration cpu() {
        return process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("processor time of a process: not told by this system"));
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
}
