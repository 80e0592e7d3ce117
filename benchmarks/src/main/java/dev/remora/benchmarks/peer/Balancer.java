package dev.remora.benchmarks.peer;

import java.time.Duration;
import java.util.List;

/** The members of a pool under one contender. Changed by one thread; its choosers work on other ones meanwhile. */
public interface Balancer extends AutoCloseable {

    /**
     * Something that chooses among the members as they are now.
     *
     * @param keys the keys that it will be asked for
     * @return one for one thread
     */
    Chooser chooser(Keys keys);

    /**
     * Changes the membership as the contender has it done: in place, or by making another one.
     *
     * @param members all that there are from now on
     * @return what to go on with; this one is not used any more
     */
    Balancer change(List<Member> members);

    /** Ends its threads; most have none. */
    @Override
    default void close() {}

    /** Lets the contender believe that time has passed in which nothing happened; most do not care. */
    default void pass(Duration time) {}
}
