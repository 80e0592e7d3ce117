package dev.remora.redis;

import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.redis.BucketScript.Answer;
import dev.remora.redis.Verdict.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway knows of one key: a purse for each limit, the question that is under way, and who waits for its answer. All
 * of it is guarded by its own lock, under which nothing is called that could wait.
 *
 * <p>At most one question is under way; whoever needs one meanwhile shares the next. A late answer is heard, too: what it grants
 * is as old as its question. What is pushed with a question is pushed again with the following ones, until one is answered.
 */
final class Account {

    // Who uses up what is in hand faster than this gets more the next time.
    private static final long HOT_NANOS = Duration.ofMillis(100).toNanos();
    private static final int MOST_BOOST = 30;
    // Of one charge: so that the sum does not overflow.
    private static final long MOST_COUNTED = 1L << 32;

    final String key;
    final String name;
    private final Terms terms;
    private final Purse[] purses;
    private final Deque<Waiter> waiters = new ArrayDeque<>(1);

    private @Nullable Question asked;
    private long questions;
    private long askedAt;
    // The limit by which the largest offer was not granted, or -1. The next question is not put before it can be.
    private int scarce = -1;
    private long askAgainAt;

    private long heardNumber;
    private long heardAt;

    private @Nullable Push push;
    private long pushes;

    private long filledAt;
    // How large the next lease is: 0 for none, 1 for as much as a request asks for, then doubled.
    private int boost;
    private boolean inPlenty;
    // Since the last question.
    private boolean used;
    private boolean turnedAway;
    private boolean forgotten;

    /** A key of which nothing is known. */
    Account(String key, String name, Terms terms, long now, int gateways) {
        this.key = key;
        this.name = name;
        this.terms = terms;
        this.purses = new Purse[terms.tolls.length];
        for (int i = 0; i < purses.length; i++) {
            purses[i] = new Purse(terms.tolls[i], gateways);
        }
        this.askedAt = now;
        this.heardAt = now;
        this.filledAt = now;
    }

    /** A request that waited, and what it is told. */
    record Served(Waiter waiter, Decision decision) {}

    // ---- deciding

    /** Takes what a request asks for from what is in hand, or denies it by what Redis has said. */
    synchronized Verdict spend(Usage usage, long now, int gateways) {
        if (forgotten) {
            return Verdict.FORGOTTEN;
        }
        settle(now, gateways);
        return spendNow(usage, false, now, gateways);
    }

    private Verdict spendNow(Usage usage, boolean hasWaited, long now, int gateways) {
        used = true;
        boolean inHand = true;
        for (Purse purse : purses) {
            long units = units(purse, usage);
            if (units > 0) {
                purse.usual(Math.min(units, purse.toll.limit.burst()));
                inHand &= units <= purse.inHand();
            }
        }
        if (!inHand) {
            return denial(usage, hasWaited, now);
        }
        for (Purse purse : purses) {
            purse.spend(units(purse, usage), gateways);
        }
        return isLow(now, gateways) ? Verdict.TAKEN_AND_ASK : Verdict.TAKEN;
    }

    private Verdict denial(Usage usage, boolean hasWaited, long now) {
        int worst = -1;
        long longest = 0;
        for (int i = 0; i < purses.length; i++) {
            long units = units(purses[i], usage);
            long wait = units > purses[i].toll.limit.burst()
                    ? Toll.NEVER
                    : purses[i].waitMicros(units - purses[i].inHand(), sinceMicros(now));
            if (wait > longest) {
                worst = i;
                longest = wait;
            }
        }
        if (longest == Toll.NEVER) {
            return Verdict.denied(worst, Toll.NEVER, false);
        }
        long pause = hasWaited ? 0 : pauseNanos(now);
        if (worst < 0 && pause <= 0) {
            return Verdict.UNKNOWN;
        }
        turnedAway = true;
        boolean old = asked == null && now - heardAt >= terms.leaseNanos && now - askedAt >= terms.leaseNanos;
        return Verdict.denied(worst < 0 ? scarce : worst, Math.max(longest * 1_000, pause), old);
    }

    // Half of it is spent.
    private boolean isLow(long now, int gateways) {
        if (asked != null || boost == 0 || pauseNanos(now) > 0) {
            return false;
        }
        for (Purse purse : purses) {
            if (purse.inHand() * 2 < purse.lease(boost - 1, gateways)) {
                return true;
            }
        }
        return false;
    }

    /** Takes what a request asks for of the gateway's own share, which Redis is charged for later. */
    synchronized Verdict passByShare(Usage usage, long now, int gateways) {
        if (forgotten) {
            return Verdict.FORGOTTEN;
        }
        settle(now, gateways);
        int worst = -1;
        long longest = 0;
        for (int i = 0; i < purses.length; i++) {
            long units = units(purses[i], usage);
            long wait = units == 0 ? 0 : purses[i].shareWaitNanos(units, gateways);
            if (wait > longest) {
                worst = i;
                longest = wait;
            }
        }
        if (worst >= 0) {
            turnedAway = true;
            return Verdict.denied(worst, longest, true);
        }
        passAll(usage, gateways);
        return Verdict.TAKEN_AND_ASK;
    }

    /** Lets a request pass whatever there is. Redis is charged for it later. */
    synchronized Verdict pass(Usage usage, long now, int gateways) {
        if (forgotten) {
            return Verdict.FORGOTTEN;
        }
        settle(now, gateways);
        passAll(usage, gateways);
        return Verdict.TAKEN_AND_ASK;
    }

    private void passAll(Usage usage, int gateways) {
        for (Purse purse : purses) {
            drop(purse.passByShare(Math.min(units(purse, usage), purse.toll.limit.burst()), gateways));
        }
    }

    /** As {@link #spend}, by one who waits when Redis must say; who came before is served before. */
    synchronized Verdict join(Waiter waiter, long now, int gateways) {
        if (forgotten) {
            return Verdict.FORGOTTEN;
        }
        settle(now, gateways);
        Verdict verdict = waiters.isEmpty() ? spendNow(waiter.usage, false, now, gateways) : Verdict.UNKNOWN;
        if (verdict.is(Kind.UNKNOWN)) {
            waiters.add(waiter);
        }
        return verdict;
    }

    /** Gives up waiting; false when it has been served. */
    synchronized boolean leave(Waiter waiter) {
        return waiters.remove(waiter);
    }

    // ---- charging

    /** Charges a usage; false when the account is forgotten. */
    synchronized boolean charge(Usage usage, long now, int gateways) {
        if (!forgotten) {
            settle(now, gateways);
            for (Purse purse : purses) {
                drop(purse.charge(units(purse, usage), gateways));
            }
        }
        return !forgotten;
    }

    /** Takes back what was not used; false when the account is forgotten. */
    synchronized boolean refund(Usage usage, long now, int gateways) {
        if (!forgotten) {
            settle(now, gateways);
            for (Purse purse : purses) {
                purse.refund(units(purse, usage), sinceMicros(now), now);
            }
        }
        return !forgotten;
    }

    private void drop(long units) {
        if (units > 0) {
            terms.counts.dropped.add(Math.min(units, MOST_COUNTED));
        }
    }

    // ---- asking

    /** What is to be asked now; nothing when a question is under way, or there is nothing to ask. */
    synchronized @Nullable Question question(long now, int gateways) {
        if (asked != null || forgotten) {
            return null;
        }
        settle(now, gateways);
        waiters.removeIf(CompletableFuture::isDone);
        Push told = nextPush(now);
        if (inPlenty && now - askedAt <= HOT_NANOS) {
            boost = Math.min(boost + 1, MOST_BOOST);
        }
        List<long[]> offers = offers(gateways);
        if (told == null && offers.isEmpty() && waiters.isEmpty()) {
            return null;
        }
        used = false;
        turnedAway = false;
        askedAt = now;
        asked = new Question(++questions, told, offers, now);
        return asked;
    }

    private @Nullable Push nextPush(long now) {
        if (push != null && now - push.since() > terms.pushNanos) {
            forgetPush();
        }
        if (push == null && owes()) {
            List<Long> micros = new ArrayList<>(purses.length);
            for (Purse purse : purses) {
                micros.add(purse.freeze());
            }
            push = new Push(++pushes, micros, now);
        }
        return push;
    }

    private void forgetPush() {
        push = null;
        for (Purse purse : purses) {
            purse.told();
        }
    }

    private boolean owes() {
        for (Purse purse : purses) {
            if (purse.owes()) {
                return true;
            }
        }
        return false;
    }

    // First a lease, or all who wait, then half of them, and so on to the first.
    private List<long[]> offers(int gateways) {
        List<long[]> offers = new ArrayList<>();
        List<Waiter> waiting = List.copyOf(waiters);
        long[] all = needs(waiting);
        if (boost > 0 && used) {
            long[] lease = all.clone();
            for (int i = 0; i < purses.length; i++) {
                lease[i] = Math.max(lease[i], purses[i].lease(boost - 1, gateways));
            }
            offer(offers, lease);
        }
        for (int count = waiting.size(); count > 0; count /= 2) {
            offer(offers, needs(waiting.subList(0, count)));
        }
        if (waiting.isEmpty() && ((boost > 0 && used) || turnedAway)) {
            long[] one = new long[purses.length];
            for (int i = 0; i < purses.length; i++) {
                one[i] = purses[i].usual();
            }
            offer(offers, one);
        }
        return offers;
    }

    private long[] needs(List<Waiter> waiting) {
        long[] needs = new long[purses.length];
        for (Waiter waiter : waiting) {
            for (int i = 0; i < needs.length; i++) {
                // More than a burst is none of the offers.
                needs[i] = Math.min(needs[i] + units(purses[i], waiter.usage), purses[i].toll.limit.burst() + 1);
            }
        }
        return needs;
    }

    private void offer(List<long[]> offers, long[] wanted) {
        long sum = 0;
        long[] missing = new long[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] > purses[i].toll.limit.burst()) {
                return;
            }
            missing[i] = Math.max(0, wanted[i] - purses[i].inHand());
            sum += missing[i];
        }
        if (sum > 0 && (offers.isEmpty() || !Arrays.equals(missing, offers.get(offers.size() - 1)))) {
            offers.add(missing);
        }
    }

    // ---- hearing

    /** Redis has answered; returns who is served by that, in order. */
    synchronized List<Served> heard(Question question, Answer answer, long now, int gateways) {
        boolean current = asked != null && asked.number() == question.number();
        if (current) {
            asked = null;
        }
        if (push != null
                && question.push() != null
                && push.number() == question.push().number()) {
            forgetPush();
        }
        if (question.number() > heardNumber) {
            heardNumber = question.number();
            heardAt = now;
            for (int i = 0; i < purses.length; i++) {
                purses[i].heard(answer.aheadMicros().get(i));
            }
        }
        if (answer.granted() > 0) {
            long[] units = question.offers().get(answer.granted() - 1);
            for (int i = 0; i < purses.length; i++) {
                purses[i].receive(units[i], question.since());
            }
        }
        settle(now, gateways);
        if (current) {
            inPlenty = question.offers().isEmpty() || answer.granted() == 1;
            pause(now, gateways);
        }
        return serve(now, gateways);
    }

    // Where there is little left for all, who asks for little gets little, and asks too often.
    private void pause(long now, int gateways) {
        long longest = 0;
        scarce = -1;
        for (int i = 0; i < purses.length && boost > 0 && !inPlenty; i++) {
            Purse purse = purses[i];
            long missing = purse.lease(boost - 1, gateways) - purse.inHand();
            long wait = purse.waitMicros(missing, sinceMicros(now));
            if (wait > longest) {
                longest = wait;
                scarce = i;
            }
        }
        askAgainAt = now + longest * 1_000;
    }

    private long pauseNanos(long now) {
        return scarce < 0 ? 0 : Math.max(0, askAgainAt - now);
    }

    private List<Served> serve(long now, int gateways) {
        List<Served> served = new ArrayList<>(waiters.size());
        for (Waiter first = waiters.peek(); first != null; first = waiters.peek()) {
            if (!first.isDone()) {
                Verdict verdict = spendNow(first.usage, true, now, gateways);
                if (verdict.is(Kind.UNKNOWN)) {
                    break;
                }
                served.add(new Served(first, decision(verdict, Decision.Source.REDIS, now, gateways)));
            }
            waiters.remove();
        }
        return served;
    }

    /** A question has not been answered in time, or never will be; returns who waited for it. */
    synchronized List<Waiter> unanswered(Question question) {
        if (asked == null || asked.number() != question.number()) {
            return List.of();
        }
        asked = null;
        inPlenty = false;
        return drain();
    }

    /** Nobody waits any more; returns who did. */
    synchronized List<Waiter> drain() {
        List<Waiter> drained = List.copyOf(waiters);
        waiters.clear();
        return drained;
    }

    /** Whether somebody waits, and no question is under way. */
    synchronized boolean isUnheard() {
        return asked == null && !waiters.isEmpty();
    }

    // ---- as time goes by

    /** What is to be done for a key that nobody has asked for just now. */
    enum Care {
        NONE,
        /** Redis is to be told something. */
        ASK,
        /** It is to be forgotten, and is of no use from now on. */
        FORGET
    }

    synchronized Care care(long now, int gateways, boolean mayForget) {
        settle(now, gateways);
        if (asked != null || !waiters.isEmpty()) {
            return Care.NONE;
        }
        if (push != null || owes()) {
            return Care.ASK;
        }
        if (mayForget) {
            forgotten = true;
            for (Purse purse : purses) {
                forgotten &= purse.isIdle(sinceMicros(now));
            }
        }
        return forgotten ? Care.FORGET : Care.NONE;
    }

    private void settle(long now, int gateways) {
        // What the division leaves over stays for the next time.
        long share = Math.max(0, (now - filledAt) / gateways);
        filledAt += share * gateways;
        boolean unused = false;
        for (Purse purse : purses) {
            purse.fill(share);
            unused |= purse.dropOlderThan(terms.leaseNanos, now);
        }
        if (unused) {
            boost /= 2;
        }
    }

    private long sinceMicros(long now) {
        return Math.max(0, (now - heardAt) / 1_000);
    }

    private static long units(Purse purse, Usage usage) {
        return purse.toll.limit.unit().of(usage);
    }

    // ---- telling

    /** What a request is told that asked for the smallest amount; takes nothing. */
    synchronized Decision peek(Decision.Source source, long now, int gateways) {
        settle(now, gateways);
        int limit = tightest(now, gateways);
        Purse purse = purses[limit];
        if (left(purse, now, gateways) > 0) {
            return decision(Verdict.TAKEN, source, now, gateways);
        }
        long wait = heardNumber > 0 ? purse.waitMicros(1, sinceMicros(now)) * 1_000 : purse.shareWaitNanos(1, gateways);
        return decision(Verdict.denied(limit, wait, false), source, now, gateways);
    }

    synchronized Decision decision(Verdict verdict, Decision.Source source, long now, int gateways) {
        int limit = verdict.limit() >= 0 ? verdict.limit() : tightest(now, gateways);
        Purse purse = purses[limit];
        long wait = verdict.is(Kind.TAKEN) ? 0 : Math.max(1, verdict.waitNanos());
        Duration reset = heardNumber > 0
                ? Duration.ofNanos(purse.missingMicros(sinceMicros(now)) * 1_000)
                : Duration.ofNanos(purse.shareNanos()).multipliedBy(gateways);
        return new Decision(
                verdict.is(Kind.TAKEN),
                purse.toll.limit,
                left(purse, now, gateways),
                wait == Toll.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(wait)),
                reset,
                source);
    }

    private int tightest(long now, int gateways) {
        int tightest = 0;
        double smallest = Double.MAX_VALUE;
        for (int i = 0; i < purses.length; i++) {
            double left = (double) left(purses[i], now, gateways) / purses[i].toll.limit.burst();
            if (left < smallest) {
                tightest = i;
                smallest = left;
            }
        }
        return tightest;
    }

    // As far as is known: in the beginning that is the share.
    private long left(Purse purse, long now, int gateways) {
        Toll toll = purse.toll;
        long there = heardNumber > 0
                ? toll.units(toll.toleranceMicros - purse.missingMicros(sinceMicros(now)))
                : purse.leftOfShare(gateways);
        return Math.min(toll.limit.burst(), purse.inHand() + there);
    }
}
