package dev.remora.benchmarks.peer;

import com.linkedin.d2.balancer.strategies.degrader.RingFactory;
import com.linkedin.d2.balancer.util.hashing.BoundedLoadConsistentHashRing;
import com.linkedin.d2.balancer.util.hashing.ConsistentHashRing;
import com.linkedin.d2.balancer.util.hashing.Ring;
import com.linkedin.util.degrader.CallCompletion;
import com.linkedin.util.degrader.CallTracker;
import com.linkedin.util.degrader.CallTrackerImpl;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * D2's ring with bounded loads. What it knows of open calls is in one tracker for each host, which the caller gives it:
 * this one keeps them all.
 */
record D2BoundedLoad(Map<URI, CallTracker> trackers, Ring<URI> ring) implements Balancer {

    private static final double BOUND = 1.25;
    private static final long STATISTICS_INTERVAL_MILLIS = 5_000;

    static Balancer of(List<Member> members) {
        return of(Map.of(), members);
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Bounded(ring, trackers, keys);
    }

    @Override
    public Balancer change(List<Member> members) {
        return of(trackers, members);
    }

    private static Balancer of(Map<URI, CallTracker> known, List<Member> members) {
        Map<URI, CallTracker> trackers = new HashMap<>(known);
        for (Member member : members) {
            trackers.computeIfAbsent(URI.create(member.uri()), uri -> new CallTrackerImpl(STATISTICS_INTERVAL_MILLIS));
        }
        RingFactory<URI> factory = ConsistentHashRing::new;
        return new D2BoundedLoad(
                trackers, new BoundedLoadConsistentHashRing<>(factory, D2Ring.points100(members), trackers, BOUND));
    }

    private record Bounded(Ring<URI> ring, Map<URI, CallTracker> trackers, Keys keys) implements Chooser {

        @Override
        public int byHash(int key) {
            return Member.idAt(choose(keys.hash(key)).getPort());
        }

        @Override
        public int byText(int key) {
            return Member.idAt(choose(Keys.hash(keys.text(key))).getPort());
        }

        @Override
        public OpenStream open(int key) {
            URI uri = choose(keys.hash(key));
            CallCompletion call = Objects.requireNonNull(trackers.get(uri)).startCall();
            return OpenStream.of(Member.idAt(uri.getPort()), call::endCall);
        }

        private URI choose(long hash) {
            return ring.get(D2Ring.fold(hash));
        }
    }
}
