package dev.remora.examples.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.remora.BalancerStats;
import dev.remora.BalancerStats.BackendStats;
import java.util.Locale;

/** What the page shows beside the chat, as JSON. */
final class DemoState {

    private DemoState() {}

    static ObjectNode of(DemoBackends backends, BalancerStats stats) {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.put("openStreams", stats.openStreams()).put("refused", stats.refused());
        ArrayNode members = state.putArray("backends");
        for (BackendStats member : stats.backends()) {
            String name = member.backend().id().value();
            boolean running = backends.named(name).map(DemoBackend::running).orElse(false);
            members.addObject()
                    .put("name", name)
                    .put("uri", member.backend().uri().toString())
                    .put("running", running)
                    .put("status", member.status().name().toLowerCase(Locale.ROOT))
                    .put("open", member.openStreams())
                    .put("picked", member.picked())
                    .put("succeeded", member.succeeded())
                    .put("failed", member.failed())
                    .put("cancelled", member.cancelled())
                    .put("firstByteMillis", member.firstByteMillis());
        }
        return state;
    }
}
