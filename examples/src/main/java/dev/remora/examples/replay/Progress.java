package dev.remora.examples.replay;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far a replay is. Used by one thread. */
public interface Progress extends AutoCloseable {

    /** One more answer ended. */
    void answered(boolean complete, int open);

    @Override
    void close();

    /** Shows nothing. */
    static Progress none() {
        return new Progress() {
            @Override
            public void answered(boolean complete, int open) {}

            @Override
            public void close() {}
        };
    }

    /** A bar on the terminal of the process. */
    static Progress bar(int total) {
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("replay")
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .build();
        return new Progress() {
            private long errors;

            @Override
            public void answered(boolean complete, int open) {
                errors += complete ? 0 : 1;
                bar.step();
                bar.setExtraMessage(open + " open, " + errors + " errors");
            }

            @Override
            public void close() {
                bar.close();
            }
        };
    }

    /** A line every five seconds, for logs. */
    static Progress lines(int total, PrintWriter out) {
        return new Progress() {
            private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
            private long printedNanos = System.nanoTime();
            private int answered;
            private int errors;

            @Override
            public void answered(boolean complete, int open) {
                answered++;
                errors += complete ? 0 : 1;
                long now = System.nanoTime();
                if (now - printedNanos >= PAUSE_NANOS) {
                    printedNanos = now;
                    out.printf(
                            Locale.ROOT,
                            "replay: %,d of %,d answered, %,d open, %,d errors%n",
                            answered,
                            total,
                            open,
                            errors);
                    out.flush();
                }
            }

            @Override
            public void close() {}
        };
    }
}
