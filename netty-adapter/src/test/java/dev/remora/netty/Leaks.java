package dev.remora.netty;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Buffers that were collected though nobody had released them. Netty tells of them when a later buffer is allocated, so
 * a test may have to answer for an earlier one: what counts is that the suite stays clean.
 */
final class Leaks {

    private static final List<String> FOUND = new CopyOnWriteArrayList<>();

    private Leaks() {}

    /** Must run before the first buffer is allocated. */
    static void watch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval) {
                return new Recorder<>(resource, interval);
            }

            @Override
            @SuppressWarnings("deprecation") // Netty declares it abstract and deprecated.
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                    Class<T> resource, int interval, long maxActive) {
                return new Recorder<>(resource, interval);
            }
        });
    }

    static List<String> found() {
        return FOUND;
    }

    private static final class Recorder<T> extends ResourceLeakDetector<T> {
        Recorder(Class<T> resource, int interval) {
            super(resource, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            FOUND.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            FOUND.add(resourceType);
        }
    }
}
