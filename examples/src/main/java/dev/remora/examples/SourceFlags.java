package dev.remora.examples;

import dev.remora.dns.DnsSource;
import dev.remora.file.FileSource;
import dev.remora.pool.BackendSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where back ends come from that are not named one by one. */
final class SourceFlags {

    @Option(
            names = "--backends-file",
            paramLabel = "FILE",
            description = "... or the servers that this file lists, .yaml or .json; it is watched.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            description =
                    "... or the addresses that DNS has for a name, at this port; without a port the name is that of"
                            + " SRV records.")
    private Optional<String> dns = Optional.empty();

    List<BackendSource> sources() {
        List<BackendSource> sources = new ArrayList<>();
        file.map(FileSource::of).ifPresent(sources::add);
        dns.map(SourceFlags::named).ifPresent(sources::add);
        return sources;
    }

    private static DnsSource named(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return DnsSource.services(text);
        }
        try {
            return DnsSource.addresses(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("dns: " + text + " (expected: HOST:PORT, or the name of a service)", e);
        }
    }
}
