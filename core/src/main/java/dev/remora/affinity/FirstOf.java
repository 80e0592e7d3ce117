package dev.remora.affinity;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Several rules, of which the first that has something to say decides. */
record FirstOf(List<AffinityRule> rules) implements AffinityRule {

    @Override
    public Optional<AffinityKey> key(RequestView request, ClientOrigin origin) {
        for (AffinityRule rule : rules) {
            Optional<AffinityKey> key = rule.key(request, origin);
            if (key.isPresent()) {
                return key;
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<AffinityKey> learned(ResponseView response) {
        for (AffinityRule rule : rules) {
            Optional<AffinityKey> key = rule.learned(response);
            if (key.isPresent()) {
                return key;
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean learnsFromBody() {
        return rules.stream().anyMatch(AffinityRule::learnsFromBody);
    }

    @Override
    public Optional<AffinityKey> learned(ByteBuffer bodyStart) {
        for (AffinityRule rule : rules) {
            Optional<AffinityKey> key = rule.learned(bodyStart);
            if (key.isPresent()) {
                return key;
            }
        }
        return Optional.empty();
    }
}
