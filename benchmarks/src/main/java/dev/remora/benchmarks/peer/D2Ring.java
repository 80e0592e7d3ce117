package dev.remora.benchmarks.peer;

import com.linkedin.d2.balancer.util.hashing.ConsistentHashRing;
import com.linkedin.d2.balancer.util.hashing.MPConsistentHashRing;
import com.linkedin.d2.balancer.util.hashing.Ring;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The hash rings of LinkedIn's D2. A change of the membership makes a new ring. */
record D2Ring(Function<Map<URI, Integer>, Ring<URI>> kind, Ring<URI> ring) implements Balancer {

    /** A healthy host has a hundred points in D2. */
    private static final int POINTS = 100;

    static Balancer points(List<Member> members) {
        return of(ConsistentHashRing::new, members);
    }

    static Balancer multiProbe(List<Member> members) {
        return of(MPConsistentHashRing::new, members);
    }

    /** How many points each member has. */
    static Map<URI, Integer> points100(List<Member> members) {
        Map<URI, Integer> points = new LinkedHashMap<>();
        members.forEach(member -> points.put(URI.create(member.uri()), POINTS));
        return points;
    }

    /** D2 takes 32 bits. */
    static int fold(long hash) {
        return Long.hashCode(hash);
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new OnRing(ring, keys);
    }

    @Override
    public Balancer change(List<Member> members) {
        return of(kind, members);
    }

    private static Balancer of(Function<Map<URI, Integer>, Ring<URI>> kind, List<Member> members) {
        return new D2Ring(kind, kind.apply(points100(members)));
    }

    private record OnRing(Ring<URI> ring, Keys keys) implements Chooser {

        @Override
        public int byHash(int key) {
            return choose(keys.hash(key));
        }

        @Override
        public int byText(int key) {
            return choose(Keys.hash(keys.text(key)));
        }

        private int choose(long hash) {
            return Member.idAt(ring.get(fold(hash)).getPort());
        }
    }
}
