package dev.remora.redis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.redis.BucketScript.Answer;
import dev.remora.redis.Purses.Shortage;
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

    final String key;
    final String name;
    private final Terms terms;
    private final Purses purses;
    private final Deque<Waiter> waiters = new ArrayDeque<>(1);

    private @Nullable Question asked;
    private long questions;
    private long askedAt;
    // By what the largest offer was not granted. The next question is not put before it can be.
    private Shortage scarce = Shortage.NONE;
    private long askAgainAt;

    private long heardNumber;
    private @Nullable Push push;

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
        this.purses = new Purses(terms, now, gateways);
        this.askedAt = now;
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
        if (purses.spend(usage, gateways)) {
            boolean low = asked == null && boost > 0 && pauseNanos(now) == 0 && purses.areLow(boost - 1, gateways);
            return low ? Verdict.TAKEN_AND_ASK : Verdict.TAKEN;
        }
        Shortage shortage = purses.shortage(usage, now);
        if (shortage.nanos() == Toll.NEVER) {
            return Verdict.denied(shortage.limit(), Toll.NEVER, false);
        }
        long pause = hasWaited ? 0 : pauseNanos(now);
        if (shortage.isNone() && pause == 0) {
            return Verdict.UNKNOWN;
        }
        turnedAway = true;
        boolean old = purses.silenceNanos(now) >= terms.leaseNanos && now - askedAt >= terms.leaseNanos;
        int limit = shortage.isNone() ? scarce.limit() : shortage.limit();
        return Verdict.denied(limit, Math.max(shortage.nanos(), pause), old);
    }

    /** Takes what a request asks for of the gateway's own share, which Redis is charged for later. */
    synchronized Verdict passByShare(Usage usage, long now, int gateways) {
        if (forgotten) {
            return Verdict.FORGOTTEN;
        }
        settle(now, gateways);
        Shortage shortage = purses.shortageOfShare(usage, gateways);
        if (!shortage.isNone()) {
            turnedAway = true;
            return Verdict.denied(shortage.limit(), shortage.nanos(), true);
        }
        drop(purses.pass(usage));
        return Verdict.TAKEN_AND_ASK;
    }

    /** Lets a request pass whatever there is. Redis is charged for it later. */
    synchronized Verdict pass(Usage usage, long now, int gateways) {
        if (forgotten) {
            return Verdict.FORGOTTEN;
        }
        settle(now, gateways);
        drop(purses.pass(usage));
        return Verdict.TAKEN_AND_ASK;
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
    @CanIgnoreReturnValue
    synchronized boolean leave(Waiter waiter) {
        return waiters.remove(waiter);
    }

    // ---- charging

    /** Charges a usage; false when the account is forgotten. */
    synchronized boolean charge(Usage usage, long now, int gateways) {
        if (!forgotten) {
            settle(now, gateways);
            drop(purses.charge(usage));
        }
        return !forgotten;
    }

    /** Takes back what was not used; false when the account is forgotten. */
    synchronized boolean refund(Usage usage, long now, int gateways) {
        if (!forgotten) {
            settle(now, gateways);
            purses.refund(usage, now);
        }
        return !forgotten;
    }

    private void drop(long units) {
        if (units > 0) {
            // So that the sum does not overflow.
            terms.counts.dropped.add(Math.min(units, Integer.MAX_VALUE));
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
            endPush();
        }
        if (push == null && purses.owe()) {
            push = new Push(terms.nextPush(), purses.freeze(), now);
        }
        return push;
    }

    private void endPush() {
        push = null;
        purses.told();
    }

    // First a lease and all who wait, then all who wait, half of them, and so on to the first; or else a single
    // request.
    private List<long[]> offers(int gateways) {
        List<long[]> offers = new ArrayList<>();
        List<Waiter> waiting = List.copyOf(waiters);
        boolean inUse = boost > 0 && used;
        if (inUse) {
            long[] all = purses.needs(waiting);
            long[] lease = purses.lease(boost - 1, gateways);
            Arrays.setAll(lease, i -> Math.max(lease[i], all[i]));
            offer(offers, lease);
        }
        for (int count = waiting.size(); count > 0; count /= 2) {
            offer(offers, purses.needs(waiting.subList(0, count)));
        }
        if (waiting.isEmpty() && (inUse || turnedAway)) {
            offer(offers, purses.lease(0, gateways));
        }
        return offers;
    }

    private void offer(List<long[]> offers, long[] wanted) {
        Optional<long[]> missing = purses.missing(wanted);
        if (missing.isPresent() && (offers.isEmpty() || !Arrays.equals(missing.get(), offers.get(offers.size() - 1)))) {
            offers.add(missing.get());
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
            endPush();
        }
        if (question.number() > heardNumber) {
            heardNumber = question.number();
            purses.heard(answer.aheadMicros(), now);
        }
        if (answer.granted() > 0) {
            purses.receive(question.offers().get(answer.granted() - 1), question.since());
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
        scarce = inPlenty || boost == 0 ? Shortage.NONE : purses.shortageOfLease(boost - 1, now, gateways);
        askAgainAt = now + scarce.nanos();
    }

    private long pauseNanos(long now) {
        return scarce.isNone() ? 0 : Math.max(0, askAgainAt - now);
    }

    private List<Served> serve(long now, int gateways) {
        List<Served> served = new ArrayList<>(waiters.size());
        for (Waiter first = waiters.peek(); first != null; first = waiters.peek()) {
            if (!first.isDone()) {
                Verdict verdict = spendNow(first.usage, true, now, gateways);
                if (verdict.is(Kind.UNKNOWN)) {
                    break;
                }
                served.add(new Served(first, purses.decision(verdict, Decision.Source.REDIS, now, gateways)));
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
        if (push != null || purses.owe()) {
            return Care.ASK;
        }
        if (mayForget) {
            forgotten = purses.areIdle(now);
        }
        return forgotten ? Care.FORGET : Care.NONE;
    }

    private void settle(long now, int gateways) {
        if (purses.settle(terms.leaseNanos, now, gateways)) {
            boost /= 2;
        }
    }

    // ---- telling

    /** What a request is told that asks for the smallest amount; takes nothing. */
    synchronized Decision peek(Decision.Source source, long now, int gateways) {
        settle(now, gateways);
        return purses.peek(source, now, gateways);
    }

    /** What a request is told for which a verdict was just given. */
    synchronized Decision decision(Verdict verdict, Decision.Source source, long now, int gateways) {
        return purses.decision(verdict, source, now, gateways);
    }
}
