package dev.remora.benchmarks;

import dev.remora.redis.Redis;
import dev.remora.redis.RedisCluster;
import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisVersion;
import dev.remora.redis.SessionStats;
import dev.remora.session.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** One Redis that fails in one phase after the other, while clients hop between its gateways. */
final class OutageTrial implements AutoCloseable {

    private static final Retention RETENTION = Retention.idle(Duration.ofMinutes(30));
    private static final int WARM_UP_PART = 2;

    private final String where;
    private final Duration phaseTime;
    private final Consumer<OutagePhase> progress;
    private final SharedGateways gateways;
    private final HoppingClients clients;
    private final List<OutagePhase> phases = new ArrayList<>();
    private long[] lossesBefore;

    private OutageTrial(String where, Redis redis, Duration phaseTime, Consumer<OutagePhase> progress) {
        this.where = where;
        this.phaseTime = phaseTime;
        this.progress = progress;
        this.gateways = new SharedGateways(redis, RETENTION);
        this.clients = new HoppingClients(gateways);
        this.lossesBefore = gateways.losses();
        clients.start();
        pause(System.nanoTime() + phaseTime.dividedBy(WARM_UP_PART).toNanos());
    }

    /**
     * What its phases were, and what was left at their end.
     *
     * @param sessions that were seen
     * @param disagreements sessions for which the gateways still named different back ends when each was asked at the end
     * @param openStreams that were counted at the end
     */
    record Result(List<OutagePhase> phases, int sessions, long disagreements, long openStreams) {
        boolean isSound() {
            boolean answered =
                    phases.stream().allMatch(phase -> phase.tally().failed.sum() == 0);
            return answered && disagreements == 0 && openStreams == 0;
        }
    }

    /** One server. */
    static Result single(RedisVersion version, Duration phaseTime, Consumer<OutagePhase> progress) {
        try (RedisServer redis = RedisServer.start(version);
                OutageTrial trial = new OutageTrial("one server", Redis.at(redis.uri()), phaseTime, progress)) {
            trial.calm();
            trial.breaks("killed (-9)", redis::kill);
            trial.returns("back, and empty", redis::restart);
            trial.breaks("stopped (SIGSTOP)", redis::pause);
            trial.returns("continued", redis::resume);
            trial.fails("connections killed", () -> redis.command("CLIENT", "KILL", "TYPE", "normal"));
            return trial.result();
        }
    }

    /** A cluster of three masters, with a replica of each. */
    static Result cluster(RedisVersion version, Duration phaseTime, Consumer<OutagePhase> progress) {
        try (RedisCluster cluster = RedisCluster.start(version);
                OutageTrial trial = new OutageTrial(
                        "cluster", Redis.cluster(cluster.uris().toArray(String[]::new)), phaseTime, progress)) {
            trial.calm();
            trial.fails("a master killed (-9)", () -> {
                cluster.killMasterOf("any");
                cluster.awaitRecovered();
            });
            return trial.result();
        }
    }

    private void calm() {
        run("calm", () -> {}, false);
    }

    private void breaks(String name, Runnable fault) {
        lossesBefore = gateways.losses();
        run(name, fault, false);
    }

    private void returns(String name, Runnable repair) {
        run(name, repair, true);
    }

    private void fails(String name, Runnable faultAndRepair) {
        lossesBefore = gateways.losses();
        run(name, faultAndRepair, true);
    }

    private void run(String name, Runnable event, boolean returned) {
        long start = System.nanoTime();
        long shortcuts = gateways.sum(SessionStats::shortcuts);
        Tally tally = clients.begin();
        event.run();
        OptionalLong reached = OptionalLong.empty();
        OptionalLong agreed = OptionalLong.empty();
        if (returned) {
            long back = System.nanoTime();
            Patience.until("all gateways reach Redis", () -> gateways.haveReturnedSince(lossesBefore));
            reached = OptionalLong.of(Math.max(0, gateways.reachedNanos() - back));
            Patience.until("the gateways agree", () -> gateways.agree(clients.sessions()));
            agreed = OptionalLong.of(System.nanoTime() - back);
        }
        pause(start + phaseTime.toNanos());
        OutagePhase phase = new OutagePhase(
                where + ", " + name, tally, gateways.sum(SessionStats::shortcuts) - shortcuts, reached, agreed);
        phases.add(phase);
        progress.accept(phase);
    }

    private static void pause(long untilNanos) {
        for (long left = untilNanos - System.nanoTime(); left > 0; left = untilNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private Result result() {
        clients.stop();
        int sessions = clients.sessions().size();
        return new Result(List.copyOf(phases), sessions, clients.disagreements(), gateways.openStreams());
    }

    @Override
    public void close() {
        clients.close();
        gateways.close();
    }
}
