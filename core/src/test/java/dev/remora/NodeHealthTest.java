package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.health.HealthPolicy;
import dev.remora.health.ProbeAnswer;
import dev.remora.pool.BackendId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeHealthTest {

    private final List<Boolean> told = new ArrayList<>();
    private boolean returnsMeanwhile = true;

    private final NodeHealth health = new NodeHealth(
            new BackendId("a"), HealthPolicy.none().monitor(new Random(1)).tracker(), new BalancerListener() {
                @Override
                public void healthChanged(BackendId backend, boolean fit) {
                    // Another thread finds it fit again before this one has told that it was not.
                    if (returnsMeanwhile) {
                        returnsMeanwhile = false;
                        health().probed(ProbeAnswer.pass("fine"), true, true, 1);
                    }
                    told.add(fit);
                }
            });

    private NodeHealth health() {
        return health;
    }

    @Test
    void whoListensLearnsTheTurnsInTheOrderInWhichTheyHappened() {
        health.probed(ProbeAnswer.fail("no"), false, true, 0);
        assertThat(told).containsExactly(false, true);
        assertThat(health.toldFit()).isTrue();
    }
}
