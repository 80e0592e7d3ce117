package dev.remora.benchmarks.peer;

import java.util.List;

/** Chooses nothing: what the loop, the call and the reading of the key cost by themselves. */
final class Floor implements Balancer {

    @Override
    public Chooser chooser(Keys keys) {
        return new Nothing(keys);
    }

    @Override
    public Balancer change(List<Member> members) {
        return this;
    }

    private record Nothing(Keys keys) implements Chooser {

        @Override
        public int withoutKey() {
            return 0;
        }

        @Override
        public int byHash(int key) {
            return (int) keys.hash(key);
        }

        @Override
        public int byText(int key) {
            return keys.text(key).length();
        }
    }
}
