package dev.remora.examples;

import dev.remora.examples.demo.DemoBackends;
import dev.remora.examples.demo.Pace;
import java.io.IOException;
import picocli.CommandLine.Option;

/** How the demo's back ends speak. */
final class DemoFlags {

    @Option(
            names = "--tokens-per-second",
            paramLabel = "N",
            description = "How fast a demo back end speaks (default: 25).")
    private double tokensPerSecond = Pace.readable().tokensPerSecond();

    @Option(
            names = "--jitter",
            paramLabel = "0..1",
            description = "How uneven its tokens come, as a part of the mean gap (default: 0.6).")
    private double jitter = Pace.readable().jitter();

    @Option(names = "--seed", paramLabel = "N", description = "Fixes its words and its gaps (default: 1).")
    private long seed = 1;

    Pace pace() {
        return new Pace(tokensPerSecond, jitter);
    }

    DemoBackends start(double faster) throws CommandFailed {
        Pace pace = pace().faster(faster);
        try {
            return DemoBackends.start(pace, seed);
        } catch (IOException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }
}
