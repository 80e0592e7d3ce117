package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.function.BiFunction;

/** Compares a picker with what nginx did. */
final class NginxRecording {

    private static final String STEADY = " steady";

    private int decided;
    private int inTurn;

    /**
     * Compares all answers to one method.
     *
     * @param hash makes pickers that pick nothing where the hash does not decide
     */
    static void assertAgrees(String method, BiFunction<RecordedPick, BitSet, FakeContext> context, Strategy hash) {
        NginxRecording recording = new NginxRecording();
        for (RecordedPick recorded : RecordedPick.read("nginx.tsv", method)) {
            Picker ours = hash.picker(recorded.servers().snapshot());
            recording.compare(recorded, tried -> ours.pick(context.apply(recorded, tried)));
        }
        assertThat(recording.decided).as("picks by hash").isGreaterThan(400);
        assertThat(recording.inTurn).as("known picks in turn").isPositive();
    }

    private interface Try {
        int pick(BitSet tried);
    }

    private void compare(RecordedPick recorded, Try ours) {
        BitSet tried = new BitSet();
        if (recorded.answer().equals("turns")) {
            assertThat(ours.pick(tried)).as(recorded.toString()).isEqualTo(Picker.NONE);
            inTurn++;
            return;
        }
        boolean steady = recorded.answer().endsWith(STEADY);
        for (String expected : recorded.answer().replace(STEADY, "").split(" ", -1)) {
            int picked = ours.pick(tried);
            if (picked == Picker.NONE) {
                assertThat(steady).as("decided by hash: %s", recorded).isFalse();
                return;
            }
            assertThat(recorded.servers().authority(picked))
                    .as("try %s of %s", tried.cardinality() + 1, recorded)
                    .isEqualTo(recorded.servers().authority(Integer.parseInt(expected)));
            tried.set(picked);
            decided++;
        }
    }
}
