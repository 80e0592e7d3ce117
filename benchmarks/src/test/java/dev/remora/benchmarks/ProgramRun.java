package dev.remora.benchmarks;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;

/** How a program ended and what it printed. */
record ProgramRun(int exitCode, String out, String err) {

    private static final long PATIENCE_MILLIS = 30_000;

    static ProgramRun of(Function<PrintWriter, Callable<Integer>> program, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(program.apply(new PrintWriter(out, true)))
                .setErr(new PrintWriter(err, true))
                .execute(args);
        return new ProgramRun(exitCode, out.toString(), err.toString());
    }

    /** The first cells of all rows of its tables. */
    List<String> rowNames() {
        return out.lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.substring(2, line.indexOf(" |")))
                .toList();
    }

    /** The programs that still run for this one; not the shell that watches over the Redis servers of its tests. */
    static List<String> processesThatStay() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(child -> child.info().command().orElse("unknown"))
                .filter(command -> command.contains("redis-server") || command.contains("java"))
                .toList();
    }

    /** The event loops, of whatever side, that do not end though their program has: it stopped them, so they must soon. */
    static List<String> eventLoopsThatStay() throws InterruptedException {
        List<String> staying = new ArrayList<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (name.startsWith("bench-") || name.startsWith(Gateway.THREADS)) {
                thread.join(PATIENCE_MILLIS);
                if (thread.isAlive()) {
                    staying.add(name);
                }
            }
        }
        return staying;
    }
}
