package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.Backend;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Zones, priorities and subsets are one mechanism: tiers. */
class TiersTest {

    private static final int PICKS = 20_000;

    private final FakeContext context = new FakeContext();

    private static Backend backend(int number) {
        return Backend.of("node-" + number, "http://127.0.0.1:" + (9000 + number));
    }

    private static Snapshot of(List<Backend> backends) {
        return new Snapshot(1, backends.stream().map(FakeNode::new).toList());
    }

    /** The first ones in zone "here", the others in two more zones. */
    private static Snapshot zones(int here, int elsewhere) {
        return of(IntStream.range(0, here + elsewhere)
                .mapToObj(i -> backend(i).withZone(i < here ? "here" : "zone-" + i % 2))
                .toList());
    }

    private double shareOf(IntPredicate members, Picker picker) {
        int theirs = 0;
        for (int i = 0; i < PICKS; i++) {
            int picked = picker.pick(context);
            assertThat(context.eligible(picked)).isTrue();
            theirs += members.test(picked) ? 1 : 0;
        }
        return (double) theirs / PICKS;
    }

    @Test
    void theKeysThatSpillSpreadOverAllOthers() {
        for (Strategy within : List.of(Strategy.consistentHash(), Strategy.maglev(), Strategy.rendezvousHash())) {
            Picker picker = Strategy.zoneAware("here", within).picker(zones(20, 20));
            context.eligible = index -> index >= 10;
            int[] counts = new int[40];
            for (int i = 0; i < 100_000; i++) {
                counts[context.key(AffinityKey.of("user-" + i).hash()).pickWith(picker)]++;
            }
            int spilled = IntStream.range(20, 40).map(i -> counts[i]).sum();
            assertThat(spilled / 100_000.0).isCloseTo(0.3, within(0.01));
            for (int i = 20; i < 40; i++) {
                assertThat(counts[i] / (spilled / 20.0))
                        .as("member %s by %s", i, within)
                        .isBetween(0.8, 1.2);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "8, 1", "7, 0.98", "5, 0.7", "1, 0.14", "0, 0"})
    void theLocalZoneGetsWhatItsEligibleMembersCanTake(int eligible, double share) {
        Picker picker = Strategy.zoneAware("here", Strategy.powerOfTwoChoices()).picker(zones(10, 20));
        context.eligible = index -> index >= 10 - eligible;
        assertThat(shareOf(index -> index < 10, picker)).isCloseTo(share, within(0.012));
    }

    @Test
    void theFactorSaysHowMuchABackEndCanTake() {
        Strategy within = Strategy.random();
        context.eligible = index -> index >= 5;
        Picker none = Strategy.zoneAware("here", 1, within).picker(zones(10, 20));
        assertThat(shareOf(index -> index < 10, none)).isCloseTo(0.5, within(0.012));
        Picker twofold = Strategy.zoneAware("here", 2, within).picker(zones(10, 20));
        assertThat(shareOf(index -> index < 10, twofold)).isEqualTo(1);
    }

    @Test
    void whenAllZonesTogetherAreTooWeakEachTakesItsPart() {
        Picker picker = Strategy.zoneAware("here", Strategy.random()).picker(zones(10, 20));
        // Capacities 0.14 and 0.42.
        context.eligible = index -> index == 0 || index >= 24;
        assertThat(shareOf(index -> index < 10, picker)).isCloseTo(0.25, within(0.012));
    }

    @Test
    void aChangeOfEligibilityIsSeenWithinAFewRounds() {
        Picker picker = Strategy.zoneAware("here", Strategy.random()).picker(zones(10, 20));
        assertThat(shareOf(index -> index < 10, picker)).isEqualTo(1);
        context.eligible = index -> index >= 10;
        assertThat(shareOf(index -> index < 10, picker)).isZero();
        context.eligible = index -> true;
        for (int i = 0; i < 500; i++) {
            picker.pick(context);
        }
        assertThat(shareOf(index -> index < 10, picker)).isEqualTo(1);
    }

    @Test
    void aSpillMovesOnlyTheKeysItMust() {
        Picker picker = Strategy.zoneAware("here", Strategy.rendezvousHash()).picker(zones(10, 20));
        List<Integer> before = picksOfKeys(picker);
        assertThat(before).allMatch(index -> index < 10);
        context.eligible = index -> index >= 5;
        warm(picker);
        List<Integer> during = picksOfKeys(picker);
        assertThat(picksOfKeys(picker)).as("keys do not flap").isEqualTo(during);
        long spilled = during.stream().filter(index -> index >= 10).count();
        assertThat(spilled / (double) during.size()).isCloseTo(0.3, within(0.03));
        for (int i = 0; i < before.size(); i++) {
            boolean stays = during.get(i) < 10 && before.get(i) >= 5;
            assertThat(!stays || during.get(i).equals(before.get(i))).isTrue();
        }
        context.eligible = index -> true;
        warm(picker);
        assertThat(picksOfKeys(picker)).as("all keys return").isEqualTo(before);
    }

    @Test
    void keysThatStayUseAllLocalMembersAlike() {
        Picker picker = Strategy.zoneAware("here", Strategy.rendezvousHash()).picker(zones(10, 20));
        context.eligible = index -> index >= 5;
        warm(picker);
        int[] counts = new int[30];
        picksOfKeys(picker).forEach(index -> counts[index]++);
        double mean = 0.7 * 5_000 / 5;
        for (int i = 5; i < 10; i++) {
            assertThat(counts[i] / mean).isCloseTo(1, within(0.12));
        }
    }

    private void warm(Picker picker) {
        for (int i = 0; i < 1_000; i++) {
            picker.pick(context.key(i));
        }
    }

    private List<Integer> picksOfKeys(Picker picker) {
        List<Integer> picks = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            picks.add(picker.pick(context.key(AffinityKey.of("user-" + i).hash())));
        }
        return picks;
    }

    @Test
    void aRetryThatLeavesTriedMembersOutMovesNobodyElse() {
        Picker picker = Strategy.zoneAware("here", Strategy.rendezvousHash()).picker(zones(2, 2));
        warm(picker);
        FakeContext retry = new FakeContext().key(1);
        retry.eligible = index -> index >= 2;
        for (int i = 0; i < 1_000; i++) {
            assertThat(picker.pick(retry)).isGreaterThanOrEqualTo(2);
            assertThat(picker.pick(context.key(AffinityKey.of("user-" + i).hash())))
                    .as("after one retry")
                    .isLessThan(2);
            picker.pick(context);
        }
    }

    @Test
    void lowerNumbersComeFirstAndTheNextTakeWhatIsLeft() {
        Snapshot pool = FakeNode.pool(IntStream.generate(() -> 1).limit(30).toArray());
        // Numbers 7, -3 and 0 in turn: the second ten come first, then the third ten.
        int[] numbers = {7, -3, 0};
        Picker picker = Strategy.priority(
                        backend -> numbers[(backend.port() - 9000) / 10], Strategy.powerOfTwoChoices())
                .picker(pool);
        assertThat(shareOf(index -> index / 10 == 1, picker)).isEqualTo(1);
        // 0.28 can be taken by the first, 0.56 by the second, the rest by the last.
        context.eligible = index -> index < 12 || (index >= 20 && index < 24);
        warm(picker);
        context.keyed = false;
        assertThat(shareOf(index -> index / 10 == 1, picker)).isCloseTo(0.28, within(0.012));
        assertThat(shareOf(index -> index / 10 == 2, picker)).isCloseTo(0.56, within(0.012));
        assertThat(shareOf(index -> index / 10 == 0, picker)).isCloseTo(0.16, within(0.012));
    }

    @Test
    void aSubsetIsWhatIsPickedFromUntilNobodyInItIsEligible() {
        Picker picker = Strategy.subset("gateway-1", 5, Strategy.random()).picker(FakeNode.pool(ones(100)));
        Set<Integer> subset = members(picker);
        assertThat(subset).hasSize(5);
        int one = subset.iterator().next();
        context.eligible = index -> index == one || !subset.contains(index);
        assertThat(members(picker)).containsExactly(one);
        context.eligible = index -> !subset.contains(index);
        assertThat(members(picker)).hasSize(95);
    }

    @Test
    void aBackEndThatComesOrGoesChangesASubsetByOneAtMost() {
        for (int gateway = 0; gateway < 50; gateway++) {
            Strategy strategy = Strategy.subset("gateway-" + gateway, 10, Strategy.random());
            Set<Integer> before = members(strategy.picker(FakeNode.pool(ones(40))));
            Set<Integer> after = members(strategy.picker(FakeNode.pool(ones(41))));
            after.removeAll(before);
            assertThat(after).isIn(Set.of(), Set.of(40));
        }
    }

    @Test
    void subsetsOfManyGatewaysUseAllBackEnds() {
        int[] uses = new int[20];
        for (int gateway = 0; gateway < 400; gateway++) {
            Strategy strategy = Strategy.subset("gateway-" + gateway, 5, Strategy.random());
            members(strategy.picker(FakeNode.pool(ones(20)))).forEach(index -> uses[index]++);
        }
        // 100 expected, five standard deviations.
        assertThat(IntStream.of(uses)).allMatch(count -> count > 56 && count < 144);
    }

    private Set<Integer> members(Picker picker) {
        Set<Integer> members = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            members.add(picker.pick(context));
        }
        return members;
    }

    private static int[] ones(int size) {
        return IntStream.generate(() -> 1).limit(size).toArray();
    }

    @Test
    void eachTierGoesOnWithItsOwnPicker() {
        List<Integer> madeFrom = new ArrayList<>();
        Strategy counting = new Strategy() {
            @Override
            public Picker picker(Snapshot snapshot) {
                return context -> snapshot.size();
            }

            @Override
            public Picker updated(Picker before, Snapshot snapshot) {
                madeFrom.add(before.pick(context));
                return picker(snapshot);
            }
        };
        Strategy strategy = Strategy.zoneAware("here", counting);
        Picker picker = strategy.updated(strategy.picker(zones(3, 0)), zones(2, 6));
        assertThat(madeFrom).containsExactly(3);
        madeFrom.clear();
        strategy.updated(picker, zones(1, 1));
        assertThat(madeFrom).containsExactly(2, 6);
    }

    @Test
    void whoIsBoundIsJudgedByThePickerOfItsTier() {
        Strategy lastOneLets = snapshot -> new Picker() {
            @Override
            public int pick(PickContext context) {
                return 0;
            }

            @Override
            public boolean keeps(PickContext context, int index) {
                return index == snapshot.size() - 1 && context.eligible(index);
            }
        };
        Picker picker = Strategy.zoneAware("zone-0", lastOneLets).picker(zones(2, 4));
        // Members 2 and 4 are in zone 0; 0, 1, 3 and 5 are not.
        context.eligible = index -> index >= 4;
        List<Integer> kept = IntStream.range(0, 6)
                .filter(index -> picker.keeps(context, index))
                .boxed()
                .toList();
        assertThat(kept).containsExactly(4, 5);
    }

    @Test
    void theLoadOfATierIsThatOfItsMembers() {
        List<Double> loads = new ArrayList<>();
        Strategy reading = snapshot -> context -> {
            loads.add(snapshot.load());
            return 0;
        };
        Snapshot pool = zones(2, 2);
        IntStream.range(0, 4).forEach(i -> FakeNode.load(pool, i, 1 << i));
        Strategy.zoneAware("here", reading).picker(pool).pick(context);
        Strategy.zoneAware("nowhere", reading).picker(pool).pick(context);
        assertThat(loads).containsExactly(3.0, 15.0);
    }

    @Test
    void tiersMayHoldTiers() {
        // Within the local zone the even ports first.
        Strategy strategy =
                Strategy.zoneAware("here", Strategy.priority(backend -> backend.port() % 2, Strategy.rendezvousHash()));
        Picker picker = strategy.picker(zones(10, 10));
        // Two of five even ones, all odd ones: 0.56 and 0.44 of 0.98.
        context.eligible = index -> index == 0 || index == 2 || index % 2 == 1 || index >= 10;
        warm(picker);
        double[] counts = new double[3];
        picksOfKeys(picker).forEach(index -> counts[index >= 10 ? 2 : index % 2]++);
        assertThat(counts[0] / 5_000).isCloseTo(0.98 * 0.56, within(0.03));
        assertThat(counts[1] / 5_000).isCloseTo(0.98 * 0.44, within(0.03));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.99, Double.NaN, Double.POSITIVE_INFINITY})
    void aFactorThatIsNoneIsRefused(double factor) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Strategy.zoneAware("here", factor, Strategy.random()))
                .withMessage("overProvisioning: " + factor + " (expected: a finite number, at least 1)");
    }

    @Test
    void emptyNamesAndSizesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Strategy.zoneAware("", Strategy.random()))
                .withMessage("localZone: '' (expected: not empty)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Strategy.subset("", 1, Strategy.random()))
                .withMessage("gateway: '' (expected: not empty)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Strategy.subset("gateway-1", 0, Strategy.random()))
                .withMessage("size: 0 (expected: >= 1)");
    }
}
