package dev.remora.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a result was measured on: without it the numbers mean nothing. */
final class Machine {

    private Machine() {}

    /** Processor, memory, kernel, JVM, date, and how busy all of it is now, in one line of Markdown. */
    static String description() {
        return String.format(
                Locale.ROOT,
                "%s, %d processors, %s; %s %s; %s %s; %s; load average before the start: %.1f",
                field("/proc/cpuinfo", "model name").orElse("unknown processor"),
                Runtime.getRuntime().availableProcessors(),
                field("/proc/meminfo", "MemTotal").map(Machine::gibibytes).orElse("unknown memory"),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("java.vm.name"),
                System.getProperty("java.vm.version"),
                LocalDate.now(ZoneOffset.UTC),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String gibibytes(String kibibytes) {
        long number = Long.parseLong(kibibytes.replaceAll("\\D", ""));
        return String.format(Locale.ROOT, "%.1f GiB memory", number / (1024.0 * 1024));
    }

    /** A field of a file of {@code /proc}; nothing on other systems. */
    static Optional<String> field(String file, String name) {
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(path)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
