package dev.remora.redis;

import java.util.concurrent.atomic.LongAdder;

/** What {@link SessionStats} tells. */
final class Counts {
    final LongAdder asked = new LongAdder();
    final LongAdder shortcuts = new LongAdder();
    final LongAdder presumed = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder touches = new LongAdder();
    final LongAdder invalidations = new LongAdder();
    final LongAdder unreadable = new LongAdder();
}
