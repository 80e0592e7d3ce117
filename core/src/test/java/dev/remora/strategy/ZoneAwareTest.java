package dev.remora.strategy;

import dev.remora.affinity.AffinityKey;

/** No member is in the local zone. */
class ZoneAwareTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.zoneAware("here", Strategy.rendezvousHash());
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        return context.key(AffinityKey.of("user-" + round).hash());
    }
}
