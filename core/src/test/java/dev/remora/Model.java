package dev.remora;

import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Checks a class of operations with Lincheck: random scenarios of a few calls on some threads. What the calls return must
 * be what some order of them, one after the other, returns.
 */
public final class Model {

    private Model() {}

    /** Walks through interleavings, one by one; a call of one of these classes is a single step of them. */
    public static void check(Class<?> operations, Class<?>... asOneStep) {
        String[] names = Stream.of(asOneStep).map(Class::getName).toArray(String[]::new);
        new ModelCheckingOptions()
                .actorsBefore(0)
                .threads(2)
                .actorsPerThread(2)
                .actorsAfter(0)
                .iterations(15)
                .invocationsPerIteration(60)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(names)
                        .allMethods()
                        .treatAsAtomic())
                .check(operations);
    }

    /** Lets threads of this machine meet by chance. */
    public static void stress(Class<?> operations) {
        new StressOptions()
                .actorsBefore(0)
                .threads(3)
                .actorsPerThread(2)
                .actorsAfter(0)
                .iterations(20)
                .invocationsPerIteration(300)
                .check(operations);
    }

    /** What holds once all calls have returned. Plain, because Lincheck looks into everything that is called here. */
    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
