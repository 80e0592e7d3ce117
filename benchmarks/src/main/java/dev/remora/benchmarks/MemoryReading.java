package dev.remora.benchmarks;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * The memory of this JVM, in bytes.
 *
 * @param heap live objects: what a full garbage collection leaves
 * @param direct memory of direct buffers, whoever asked for it
 * @param allocator direct memory that Netty's allocator has taken from the JVM, in use or not
 * @param resident the process's memory that is in RAM; 0 where the system does not tell
 */
record MemoryReading(long heap, long direct, long allocator, long resident) {

    private static final int MOST_COLLECTIONS = 10;
    private static final long SETTLED_BYTES = 16 * 1024;

    /** Collects garbage until nothing more goes, then reads. */
    static MemoryReading now() {
        return new MemoryReading(liveHeap(), directBuffers(), allocatorBytes(), residentBytes());
    }

    String line() {
        return heap + " " + direct + " " + allocator + " " + resident;
    }

    static MemoryReading parse(String line) {
        long[] numbers =
                Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        return new MemoryReading(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    MemoryReading minus(MemoryReading earlier) {
        return new MemoryReading(
                heap - earlier.heap,
                direct - earlier.direct,
                allocator - earlier.allocator,
                resident - earlier.resident);
    }

    private static long liveHeap() {
        long before;
        long after = Long.MAX_VALUE;
        int collections = 0;
        do {
            before = after;
            System.gc();
            after = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        } while (before - after > SETTLED_BYTES && ++collections < MOST_COLLECTIONS);
        return after;
    }

    private static long directBuffers() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long allocatorBytes() {
        ByteBufAllocatorMetric metric = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
        return metric.usedDirectMemory();
    }

    private static long residentBytes() {
        return Machine.field("/proc/self/status", "VmRSS")
                .map(value -> Long.parseLong(value.replaceAll("\\D", "")) * 1024)
                .orElse(0L);
    }
}
