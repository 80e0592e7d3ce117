package dev.remora.benchmarks.peer;

/** A stream that a contender has been told of. */
public interface OpenStream {

    /** The id of the member that serves it. */
    int member();

    /** Tells the contender that it has ended. Called once. */
    void end();

    /** A stream from its parts. */
    static OpenStream of(int member, Runnable end) {
        return new OpenStream() {
            @Override
            public int member() {
                return member;
            }

            @Override
            public void end() {
                end.run();
            }
        };
    }
}
