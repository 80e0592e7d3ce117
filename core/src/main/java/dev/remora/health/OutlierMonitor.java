package dev.remora.health;

import dev.remora.health.OutlierTracker.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who is ejected, and who may return: decided in one place and under one lock, so that never more are out than may be.
 * It is taken when a run of faults reaches its limit, by the evaluation, and when the membership changes; never for a
 * stream without fault. No user code runs under it.
 */
final class OutlierMonitor implements HealthMonitor {

    // How soon an ejection that is over, or a stalled stream, is noticed at the latest.
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    // By how much less than the mean the success rate of an outlier is at least. Where all others are without fault
    // their deviation is next to nothing, and one failure in a hundred would be far outside of it.
    private static final double NEAR_THE_MEAN = 0.1;

    private final OutlierDetection rules;
    private final RandomGenerator random;

    // Guarded by the monitor.
    private List<OutlierTracker> members = List.of();
    private boolean begun;
    private long compared;

    OutlierMonitor(OutlierDetection rules, RandomGenerator random) {
        this.rules = rules;
        this.random = random;
    }

    @Override
    public HealthTracker tracker() {
        return new OutlierTracker(this, rules);
    }

    @Override
    public Duration interval() {
        return rules.interval.compareTo(HEARTBEAT) < 0 ? rules.interval : HEARTBEAT;
    }

    @Override
    public Optional<StallRule> stalls() {
        return rules.consecutive.stalls() > 0 ? Optional.of(rules.stallRule) : Optional.empty();
    }

    @Override
    public synchronized void members(List<HealthTracker> trackers) {
        members = trackers.stream().map(OutlierTracker.class::cast).toList();
        while (ejected() > most()) {
            members.stream()
                    .filter(OutlierTracker::ejected)
                    .reduce((a, b) -> a.nanosLeft(0) - b.nanosLeft(0) <= 0 ? a : b)
                    .ifPresent(OutlierTracker::letIn);
        }
    }

    @Override
    public void evaluate(long nowNanos) {
        for (OutlierTracker outlier : update(nowNanos)) {
            eject(outlier, nowNanos);
        }
    }

    /** Ejects a member, if one more may be out. */
    boolean eject(OutlierTracker tracker, long nowNanos) {
        double chance = random.nextDouble();
        synchronized (this) {
            if (tracker.ejected() || !members.contains(tracker) || ejected() >= most()) {
                return false;
            }
            tracker.ejectUntil(nowNanos + rules.ejection.nanos(tracker.before, chance));
            tracker.before++;
            tracker.calmSince = nowNanos;
            return true;
        }
    }

    /** Lets it in before its time. */
    synchronized void readmit(OutlierTracker tracker) {
        tracker.letIn();
    }

    private int most() {
        return rules.ejection.most(members.size());
    }

    private int ejected() {
        int ejected = 0;
        for (OutlierTracker member : members) {
            if (member.ejected()) {
                ejected++;
            }
        }
        return ejected;
    }

    // Lets in whose time is over, and finds the outliers when it is time to compare.
    private synchronized List<OutlierTracker> update(long nowNanos) {
        if (!begun) {
            begun = true;
            compared = nowNanos;
        }
        for (OutlierTracker member : members) {
            if (!member.ejected()) {
                forget(member, nowNanos);
            } else {
                // Also for those who return between two evaluations: what they were out does not count as calm.
                member.calmSince = nowNanos;
                if (member.nanosLeft(nowNanos) <= 0) {
                    member.letIn();
                }
            }
        }
        if (nowNanos - compared < rules.interval.toNanos()) {
            return List.of();
        }
        compared = nowNanos;
        List<Window> windows = new ArrayList<>();
        for (OutlierTracker member : members) {
            Window window = member.drain();
            if (!member.ejected() && window.streams() > 0) {
                windows.add(window);
            }
        }
        return Stream.concat(failing(windows), below(windows)).distinct().collect(Collectors.toList());
    }

    private void forget(OutlierTracker member, long nowNanos) {
        long base = rules.ejection.base().toNanos();
        if (member.before > 0 && nowNanos - member.calmSince >= base) {
            member.before--;
            member.calmSince = nowNanos;
        }
    }

    // The worst first: it may be that not all can go.
    private Stream<OutlierTracker> failing(List<Window> windows) {
        OutlierTerms.FailureShare rule = rules.failureShare;
        return windows.stream()
                .filter(window -> rule.isOn()
                        && window.streams() >= rule.minStreams()
                        && window.failures() >= rule.share() * window.streams())
                .sorted(Comparator.comparingDouble(Window::successRate))
                .map(Window::tracker);
    }

    private Stream<OutlierTracker> below(List<Window> windows) {
        OutlierTerms.SuccessRate rule = rules.successRate;
        List<Window> enough = windows.stream()
                .filter(window -> window.streams() >= rule.minStreams())
                .toList();
        if (!rule.isOn() || enough.size() < rule.minBackends()) {
            return Stream.empty();
        }
        double mean = enough.stream().mapToDouble(Window::successRate).sum() / enough.size();
        double variance = enough.stream()
                        .mapToDouble(window -> (window.successRate() - mean) * (window.successRate() - mean))
                        .sum()
                / enough.size();
        double bound = mean - Math.max(NEAR_THE_MEAN, rule.deviations() * Math.sqrt(variance));
        return enough.stream()
                .filter(window -> window.successRate() < bound)
                .sorted(Comparator.comparingDouble(Window::successRate))
                .map(Window::tracker);
    }
}
