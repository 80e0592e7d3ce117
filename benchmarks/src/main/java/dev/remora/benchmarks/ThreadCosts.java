package dev.remora.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;

/**
 * What threads have cost so far.
 *
 * @param cpuNanos processor time, in user and system mode
 * @param allocatedBytes bytes allocated on the heap
 */
record ThreadCosts(long cpuNanos, long allocatedBytes) {

    static final ThreadCosts NONE = new ThreadCosts(0, 0);

    /** The costs of all live threads whose names begin so. */
    static ThreadCosts of(String prefix) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith(prefix))
                .mapToLong(ThreadInfo::getThreadId)
                .mapToObj(id -> new ThreadCosts(threads.getThreadCpuTime(id), threads.getThreadAllocatedBytes(id)))
                .reduce(NONE, ThreadCosts::plus);
    }

    ThreadCosts plus(ThreadCosts other) {
        return new ThreadCosts(cpuNanos + other.cpuNanos, allocatedBytes + other.allocatedBytes);
    }

    ThreadCosts minus(ThreadCosts earlier) {
        return new ThreadCosts(cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes);
    }
}
