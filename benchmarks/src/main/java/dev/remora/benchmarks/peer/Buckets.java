package dev.remora.benchmarks.peer;

import com.dynatrace.hash4j.consistent.ConsistentHashing;
import com.google.common.hash.Hashing;
import java.util.List;

/** Functions that know only how many members there are; which ones is a list that the caller keeps. */
final class Buckets implements Balancer {

    private final BucketFunction function;
    private final int[] members;

    private Buckets(BucketFunction function, List<Member> members) {
        this.function = function;
        this.members = members.stream().mapToInt(Member::id).toArray();
    }

    static Balancer guavaJump(List<Member> members) {
        return new Buckets(Hashing::consistentHash, members);
    }

    static Balancer hash4jJumpBack(List<Member> members) {
        return new Buckets(ConsistentHashing.jumpBackHashSplitMix64()::getBucket, members);
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new InBuckets(function, members, keys);
    }

    @Override
    public Balancer change(List<Member> changed) {
        return new Buckets(function, changed);
    }

    @FunctionalInterface
    private interface BucketFunction {
        int bucket(long hash, int buckets);
    }

    private static final class InBuckets implements Chooser {
        private final BucketFunction function;
        private final int[] members;
        private final Keys keys;

        InBuckets(BucketFunction function, int[] members, Keys keys) {
            this.function = function;
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
            return members[function.bucket(hash, members.length)];
        }
    }
}
