package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.guard.AddressSet;
import dev.remora.guard.ApiKeys;
import dev.remora.guard.Credentials;
import dev.remora.guard.Guard;
import dev.remora.guard.Secret;
import dev.remora.inspect.Inspection;
import dev.remora.inspect.Inspector;
import dev.remora.inspect.RuleSet;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Who may enter, and what back ends are shown. */
final class EntryFlags {

    private static final Logger log = LoggerFactory.getLogger(EntryFlags.class);

    @Option(
            names = "--allow-addresses",
            paramLabel = "FILE",
            description = "Only clients whose address is in one of its blocks, one a line, as 10.0.0.0/8; the file is"
                    + " followed (default: everybody).")
    private Optional<Path> allowed = Optional.empty();

    @Option(
            names = "--deny-addresses",
            paramLabel = "FILE",
            description = "No client whose address is in one of its blocks; the file is followed.")
    private Optional<Path> denied = Optional.empty();

    @Option(
            names = "--api-keys",
            paramLabel = "FILE",
            description =
                    "Only who shows a key, as bearer or as X-Api-Key. One a line: a label, a plan, and the SHA-256"
                            + " of the key in hex; the file is followed. Back ends do not see the key.")
    private Optional<Path> apiKeys = Optional.empty();

    @Option(
            names = "--backend-key",
            paramLabel = "NAME=KEY",
            description = "What is shown to a back end as bearer, instead of what clients show: env:VARIABLE, or"
                    + " file:PATH, which is followed; may be repeated, one for each back end.")
    private Map<String, String> backendKeys = new HashMap<>();

    @Option(
            names = "--inspect",
            paramLabel = "log|block",
            description = "Look for signs of SQL injection and cross-site scripting in paths, queries and headers, not"
                    + " in what people write to the model; log them, or refuse such requests with 403.")
    private Optional<String> inspect = Optional.empty();

    void applyTo(LoadBalancerBuilder builder) {
        denied.ifPresent(file -> builder.guard(Guard.denyAddresses(AddressSet.file(file))));
        allowed.ifPresent(file -> builder.guard(Guard.allowAddresses(AddressSet.file(file))));
        inspect.ifPresent(how -> builder.guard(inspection(how).guard()));
        apiKeys.ifPresent(file -> builder.guard(Guard.apiKeys(ApiKeys.file(file))));
        if (!backendKeys.isEmpty()) {
            Map<String, Credentials> shown = new HashMap<>();
            backendKeys.forEach((backend, key) -> shown.put(backend, Credentials.bearer(secret(key))));
            builder.credentials(Credentials.perBackend(shown));
        }
    }

    private static Inspection inspection(String how) {
        Inspection found = Inspection.by(Inspector.rules(RuleSet.builtIn()))
                .listener((visitor, report) -> report.findings()
                        .forEach(finding -> log.warn("{}: {}", visitor.address().getHostAddress(), finding)));
        return switch (how) {
            case "log" -> found;
            case "block" -> found.blocking();
            default -> throw new IllegalArgumentException("inspect: " + how + " (expected: log or block)");
        };
    }

    private static Secret secret(String key) {
        if (key.startsWith("env:")) {
            return Secret.environment(key.substring("env:".length()));
        }
        if (key.startsWith("file:")) {
            return Secret.file(Path.of(key.substring("file:".length())));
        }
        // What it is may be the key itself.
        throw new IllegalArgumentException("backend-key: (expected: env:VARIABLE or file:PATH)");
    }
}
