package dev.remora.benchmarks.peer;

import com.dynatrace.hash4j.consistent.ConsistentBucketSetHasher;
import com.dynatrace.hash4j.consistent.ConsistentHashing;
import com.dynatrace.hash4j.random.PseudoRandomGeneratorProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * hash4j's JumpBackAnchorHash. The map from keys to buckets depends on the order in which buckets came and went, and a
 * hasher serves one thread: each chooser gets a copy of its state.
 */
final class Hash4jAnchor implements Balancer {

    private final ConsistentBucketSetHasher buckets = newHasher();
    private final List<Integer> memberOfBucket = new ArrayList<>();

    Hash4jAnchor(List<Member> members) {
        members.forEach(this::add);
    }

    @Override
    public Chooser chooser(Keys keys) {
        int[] members = memberOfBucket.stream().mapToInt(Integer::intValue).toArray();
        return new Anchor(newHasher().setState(buckets.getState()), members, keys);
    }

    @Override
    public Balancer change(List<Member> changed) {
        Map<Integer, Integer> bucketOf = new HashMap<>();
        for (int bucket : buckets.getBuckets()) {
            bucketOf.put(memberOfBucket.get(bucket), bucket);
        }
        Set<Integer> staying = new HashSet<>();
        changed.forEach(member -> staying.add(member.id()));
        bucketOf.forEach((id, bucket) -> {
            if (!staying.contains(id)) {
                buckets.removeBucket(bucket);
            }
        });
        changed.stream().filter(member -> !bucketOf.containsKey(member.id())).forEach(this::add);
        return this;
    }

    private void add(Member member) {
        int bucket = buckets.addBucket();
        if (bucket == memberOfBucket.size()) {
            memberOfBucket.add(member.id());
        } else {
            memberOfBucket.set(bucket, member.id());
        }
    }

    private static ConsistentBucketSetHasher newHasher() {
        return ConsistentHashing.jumpBackAnchorHash(PseudoRandomGeneratorProvider.splitMix64_V1());
    }

    private static final class Anchor implements Chooser {
        private final ConsistentBucketSetHasher hasher;
        private final int[] members;
        private final Keys keys;

        Anchor(ConsistentBucketSetHasher hasher, int[] members, Keys keys) {
            this.hasher = hasher;
            this.members = members;
            this.keys = keys;
        }

        @Override
        public int byHash(int key) {
            return choose(keys.hash(key));
        }

        @Override
        public int byText(int key) {
            return choose(Keys.hash(keys.text(key)));
        }

        private int choose(long hash) {
            return members[hasher.getBucket(hash)];
        }
    }
}
