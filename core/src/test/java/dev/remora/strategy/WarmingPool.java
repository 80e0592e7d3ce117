package dev.remora.strategy;

import dev.remora.pool.Snapshot;
import java.util.List;

/** Three members of weight 10, of which the one in the middle has a part of its weight. */
final class WarmingPool {

    private WarmingPool() {}

    static Snapshot of(double part) {
        FakeNode middle = RecordedPick.server(1, "10.0.0.2:80", 10);
        middle.weight = 10 * part;
        return new Snapshot(
                1,
                List.of(RecordedPick.server(0, "10.0.0.1:80", 10), middle, RecordedPick.server(2, "10.0.0.3:80", 10)));
    }
}
