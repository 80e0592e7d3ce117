package dev.remora.examples;

import dev.remora.BalancerStats.BackendStats;
import java.net.URI;
import java.util.stream.Collectors;

/** What a gateway says on standard output when it is ready: where it is, and what to try next. */
final class Greeting {

    private static final String DEMO_MODEL = "demo-chat";
    private static final String ANY_MODEL = "MODEL";

    private Greeting() {}

    static String of(RunningGateway gateway, boolean demo, boolean keyIsRandom) {
        URI uri = gateway.uri();
        var text = new StringBuilder();
        line(text, "Remora serves " + uri + " in front of " + backends(gateway));
        if (keyIsRandom) {
            line(
                    text,
                    "Sticky cookies are signed with a random key: after a restart clients are spread anew, and several"
                            + " gateways need the same --cookie-key-file.");
        }
        line(text, "");
        line(text, "Try next:");
        String curl = uri.getScheme().equals("https") ? "curl -k -N " : "curl -N ";
        if (demo) {
            line(text, "  open " + uri + "/ in a browser, talk, and drain or stop the back end that answers you");
        }
        line(text, "  " + curl + question(uri, demo ? DEMO_MODEL : ANY_MODEL));
        line(
                text,
                "  " + curl + "-b jar -c jar " + question(uri, demo ? DEMO_MODEL : ANY_MODEL)
                        + "   # twice: one back end");
        line(text, "");
        line(text, "Ctrl-C stops: open streams may finish.");
        return text.toString();
    }

    private static String question(URI uri, String model) {
        return uri + "/v1/chat/completions -H 'Content-Type: application/json' -d '{\"model\":\"" + model
                + "\",\"stream\":true,\"user\":\"me\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'";
    }

    private static String backends(RunningGateway gateway) {
        return gateway.balancer().stats().backends().stream()
                .map(BackendStats::backend)
                .map(backend -> backend.id() + " " + backend.uri())
                .collect(Collectors.joining(", "));
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append(System.lineSeparator());
    }
}
