package dev.remora;

import dev.remora.health.HealthProbe;
import dev.remora.health.ProbeAnswer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A probe that answers as the test says: copies with another timing too. */
final class ProbeScript implements HealthProbe {

    final Set<String> failing;
    final Set<String> silent;
    final Set<String> throwing;
    final Set<String> stubborn;
    final Map<String, ProbeAnswer> answers;
    final List<String> asked;
    final List<CompletableFuture<ProbeAnswer>> pending;
    private final Timing timing;

    ProbeScript(Timing timing) {
        this.timing = timing;
        this.failing = new HashSet<>();
        this.silent = new HashSet<>();
        this.throwing = new HashSet<>();
        this.stubborn = new HashSet<>();
        this.answers = new HashMap<>();
        this.asked = new ArrayList<>();
        this.pending = new ArrayList<>();
    }

    private ProbeScript(ProbeScript same, Timing timing) {
        this.timing = timing;
        this.failing = same.failing;
        this.silent = same.silent;
        this.throwing = same.throwing;
        this.stubborn = same.stubborn;
        this.answers = same.answers;
        this.asked = same.asked;
        this.pending = same.pending;
    }

    @Override
    public Prober prober(Executor executor) {
        return backend -> {
            String id = backend.id().value();
            asked.add(id);
            if (throwing.contains(id)) {
                throw new IllegalStateException("broken probe");
            }
            CompletableFuture<ProbeAnswer> answer = stubborn.contains(id) ? new Stubborn() : new CompletableFuture<>();
            if (silent.contains(id) || stubborn.contains(id)) {
                pending.add(answer);
            } else if (failing.contains(id)) {
                answer.complete(ProbeAnswer.fail("told to"));
            } else {
                answer.complete(answers.getOrDefault(id, ProbeAnswer.pass("fine")));
            }
            return answer;
        };
    }

    @Override
    public Timing timing() {
        return timing;
    }

    @Override
    public HealthProbe with(Timing newTiming) {
        return new ProbeScript(this, newTiming);
    }

    /** An answer that cannot be cancelled. */
    private static final class Stubborn extends CompletableFuture<ProbeAnswer> {
        @Override
        public boolean cancel(boolean interrupt) {
            return false;
        }
    }
}
