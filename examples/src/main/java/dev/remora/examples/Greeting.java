package dev.remora.examples;

import dev.remora.BalancerStats.BackendStats;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What gateways say on standard output when they are ready: where they are, and what to try next. */
final class Greeting {

    private static final String DEMO_MODEL = "demo-chat";
    private static final String ANY_MODEL = "MODEL";
    private static final String JAR = "-b jar -c jar ";

    private final RunningGateways gateways;
    private final Stickiness sticky;
    private final StringBuilder text = new StringBuilder();

    private Greeting(RunningGateways gateways) {
        this.gateways = gateways;
        this.sticky = gateways.store().sticky();
    }

    static String of(RunningGateways gateways) {
        var greeting = new Greeting(gateways);
        greeting.sayWhatIsThere();
        greeting.line("");
        greeting.line("Try next:");
        greeting.sayWhatToTry();
        greeting.line("");
        greeting.line("Ctrl-C stops: open streams may finish.");
        return greeting.text.toString();
    }

    private void sayWhatIsThere() {
        line("Remora serves " + uris() + " in front of " + backends());
        gateways.store().place().ifPresent(place -> line("Clients are remembered in " + place + "."));
        if (sticky.keyIsRandom()) {
            line("Sticky cookies are signed with a random key: after a restart clients are spread anew, and gateways of"
                    + " several processes need the same --cookie-key-file.");
        }
    }

    private void sayWhatToTry() {
        URI uri = gateways.first().uri();
        if (gateways.isDemo()) {
            line("  open " + uri + "/ in a browser, talk, and drain or stop the back end that answers you");
        }
        line("  " + question(uri, ""));
        if (sticky.cookie().isPresent()) {
            line("  " + question(uri, JAR) + "   # twice: one back end");
        }
        Optional<String> key = sticky.names().header().map(name -> "-H '" + name + ": me' ");
        key.ifPresent(header -> line("  " + question(uri, header) + "   # twice: one back end"));
        List<RunningGateway> all = gateways.all();
        for (RunningGateway other : all.subList(1, all.size())) {
            line("  " + question(other.uri(), key.orElse(sticky.cookie().isPresent() ? JAR : ""))
                    + "   # another gateway, the same back end");
        }
    }

    private String question(URI uri, String flags) {
        String curl = uri.getScheme().equals("https") ? "curl -k -N " : "curl -N ";
        return curl + flags + uri + "/v1/chat/completions -H 'Content-Type: application/json' -d '{\"model\":\""
                + (gateways.isDemo() ? DEMO_MODEL : ANY_MODEL)
                + "\",\"stream\":true,\"user\":\"me\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'";
    }

    private String uris() {
        return gateways.all().stream().map(gateway -> gateway.uri().toString()).collect(Collectors.joining(", "));
    }

    private String backends() {
        return gateways.first().balancer().stats().backends().stream()
                .map(BackendStats::backend)
                .map(backend -> backend.id() + " " + backend.uri())
                .collect(Collectors.joining(", "));
    }

    private void line(String line) {
        text.append(line).append(System.lineSeparator());
    }
}
