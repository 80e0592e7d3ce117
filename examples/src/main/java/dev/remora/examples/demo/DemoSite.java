package dev.remora.examples.demo;

import dev.remora.BalancerStats;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The demo's own page and its controls, {@code /} and {@code /demo/...}, the same in front of every kind of proxy. Thread-safe.
 *
 * <p>Whoever wants to change something must send the header {@code X-Remora-Demo}: a page of another origin cannot do
 * that without being asked first, and nobody answers such a question.
 */
public final class DemoSite {

    static final String CONTROL_HEADER = "X-Remora-Demo";

    private static final String CONTROLS = "/demo/backends/";

    private final DemoControls controls;
    private final Supplier<BalancerStats> stats;

    /** @param stats of the gateway that the site belongs to, asked for each picture */
    public DemoSite(DemoControls controls, Supplier<BalancerStats> stats) {
        this.controls = controls;
        this.stats = stats;
    }

    /** Whether a path, as it was sent, is one of the site's: all others are relayed. */
    static boolean has(String path) {
        return path.equals("/") || path.equals("/demo") || path.startsWith("/demo/");
    }

    /** @param mayControl whether the request has the header */
    CompletableFuture<Page> answer(String method, String path, boolean mayControl) {
        if (method.equals("POST") && path.startsWith(CONTROLS)) {
            return mayControl
                    ? control(path.substring(CONTROLS.length()))
                    : now(problem(403, "header " + CONTROL_HEADER + ": missing"));
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return now(problem(405, "method: " + method + " (expected: GET)"));
        }
        if (path.equals("/demo/state")) {
            return now(Page.json(200, state()));
        }
        return now(PageFiles.find(path).orElseGet(() -> unknown(path)));
    }

    /** {@code NAME/stop}, {@code start}, {@code drain} or {@code undo}; answers with the state that it leads to. */
    private CompletableFuture<Page> control(String control) {
        int slash = control.lastIndexOf('/');
        String name = control.substring(0, Math.max(slash, 0));
        String button = control.substring(slash + 1);
        return controls.press(name, button)
                .map(done -> done.handle((nothing, failure) -> failure == null
                        ? Page.json(200, state())
                        : problem(500, "back end " + name + ": cannot " + button)))
                .orElseGet(() -> now(unknown(CONTROLS + control)));
    }

    private String state() {
        return DemoState.of(controls, stats.get()).toString();
    }

    private static Page unknown(String path) {
        return problem(404, path + ": unknown (expected: a path of the demo)");
    }

    static Page problem(int status, String message) {
        return Page.json(status, OpenAiJson.error(message).toString());
    }

    private static CompletableFuture<Page> now(Page page) {
        return CompletableFuture.completedFuture(page);
    }
}
