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

    static ObjectNode of(DemoControls controls, BalancerStats stats) {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.put("openStreams", stats.openStreams()).put("refused", stats.refused());
        ArrayNode members = state.putArray("backends");
        for (BackendStats member : stats.backends()) {
            String name = member.backend().id().value();
            ObjectNode shown = members.addObject()
                    .put("name", name)
                    .put("uri", member.backend().uri().toString())
                    .put("running", controls.running(name))
                    .put("status", lowerCase(member.status()))
                    .put("open", member.openStreams())
                    .put("picked", member.picked())
                    .put("succeeded", member.succeeded())
                    .put("failed", member.failed())
                    .put("cancelled", member.cancelled())
                    .put("firstByteMillis", member.firstByteMillis());
            controls.phase(name).ifPresent(phase -> shown.put("drain", lowerCase(phase)));
        }
        return state;
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
