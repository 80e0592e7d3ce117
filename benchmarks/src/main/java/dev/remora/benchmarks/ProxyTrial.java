package dev.remora.benchmarks;

import dev.remora.benchmarks.ProxyProcess.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One load through each contender, in alternating rounds. Every contender runs in a JVM of its own, all of them all the
 * time; those whose turn it is not are idle.
 *
 * @param load what passed, in words
 * @param unit what the costs are counted for
 * @param results of the contenders
 */
record ProxyTrial(String load, String unit, List<Result> results) {

    /**
     * Of one contender.
     *
     * @param samples one for each round, at least one
     */
    record Result(ProxyContender contender, List<Sample> samples) {}

    /**
     * Runs it.
     *
     * @param warmUps rounds of each contender before those that are measured
     */
    static ProxyTrial run(
            ProxyLoad load, List<ProxyContender> contenders, int warmUps, int rounds, Consumer<String> progress)
            throws Exception {
        List<ProxyProcess> processes = new ArrayList<>();
        try {
            for (ProxyContender contender : contenders) {
                processes.add(new ProxyProcess(contender, load.backend()));
            }
            for (int i = 0; i < warmUps + rounds; i++) {
                round(load, processes, i, i >= warmUps);
                progress.accept(load.unit() + "s: round " + (i + 1) + " of " + (warmUps + rounds));
            }
            List<Result> results = processes.stream()
                    .map(process -> new Result(process.contender(), process.samples()))
                    .toList();
            return new ProxyTrial(load.description(), load.unit(), results);
        } finally {
            processes.forEach(ProxyProcess::close);
        }
    }

    // Another one begins each time, so that nobody is always the first.
    private static void round(ProxyLoad load, List<ProxyProcess> processes, int round, boolean measured)
            throws Exception {
        for (int turn = 0; turn < processes.size(); turn++) {
            ProxyProcess process = processes.get((round + turn) % processes.size());
            if (measured) {
                process.measure(load);
            } else {
                process.warmUp(load);
            }
        }
    }
}
