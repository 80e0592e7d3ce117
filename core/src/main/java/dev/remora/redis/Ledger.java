package dev.remora.redis;

import dev.remora.exchange.NanoClock;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Decision.Source;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.LimitListener;
import dev.remora.redis.Account.Served;
import dev.remora.redis.BucketScript.Answer;
import dev.remora.redis.Verdict.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits that are checked together: what passes, passes all of them. It asks Redis about a key when that is needed, and says
 * what happens when Redis does not answer. Thread-safe; no lock is held while Redis is asked or a caller is told.
 */
final class Ledger {

    private static final Logger log = LoggerFactory.getLogger(RedisRateLimiter.class);

    private static final long CLOSED_NANOS = Duration.ofSeconds(1).toNanos();

    private final Terms terms;
    private final Accounts accounts;
    private final Questions questions;
    private final Gateways gateways;
    private final OutagePolicy outage;
    private final NanoClock clock;
    private final ScheduledExecutorService thread;
    private final Optional<Duration> patience;
    private final int mostWaiting;
    private final AtomicInteger waiting;
    private final LimiterCounts counts;
    private final Optional<LimitListener> listener;

    /**
     * Limits that nobody has used yet.
     *
     * @param waiting how many wait for Redis, in all ledgers of a limiter
     */
    Ledger(
            RedisRateLimiter.Builder config,
            List<Limit> limits,
            Questions questions,
            Gateways gateways,
            ScheduledExecutorService thread,
            AtomicInteger waiting,
            LimiterCounts counts) {
        this.terms = new Terms(limits, config.leaseAge, counts, config.clock.nanos());
        this.questions = questions;
        this.gateways = gateways;
        this.outage = config.outage;
        this.clock = config.clock;
        this.thread = thread;
        this.patience = config.strict;
        this.mostWaiting = config.maxWaiting;
        this.waiting = waiting;
        this.counts = counts;
        this.listener = config.listener;
        this.accounts = new Accounts(
                config.maxKeys,
                new LimitKeys(config.prefix, limits),
                (key, name) -> new Account(key, name, terms, clock.nanos(), gateways.count()));
    }

    // ---- deciding now

    boolean tryAcquire(String key, Usage usage) {
        long now = clock.nanos();
        Ruling ruling = rule(key, usage, false, now);
        if (ruling.verdict.is(Kind.DENIED) && listener.isPresent()) {
            tell(key, ruling.decision(now, gateways.count()));
        }
        return ruling.verdict.is(Kind.TAKEN);
    }

    Decision decide(String key, Usage usage) {
        return decide(key, usage, false);
    }

    private Decision decide(String key, Usage usage, boolean late) {
        long now = clock.nanos();
        Decision decision = rule(key, usage, late, now).decision(now, gateways.count());
        tell(key, decision);
        return decision;
    }

    /** What was decided, of whose account, and who knows. */
    private record Ruling(Account account, Verdict verdict, Source source) {
        Decision decision(long now, int gateways) {
            return account.decision(verdict, source, now, gateways);
        }
    }

    // Late is who has waited for Redis in vain, or may not wait: what it has not said to him already it cannot say.
    private Ruling rule(String key, Usage usage, boolean late, long now) {
        while (true) {
            Account account = accounts.find(key);
            boolean linked = questions.reach(account.name);
            Verdict verdict = account.spend(usage, now, gateways.count());
            Source source = Source.LEASE;
            if (verdict.is(Kind.UNKNOWN) || (!linked && passesAnyhow(verdict))) {
                verdict = alone(account, usage, linked && !late, now);
                source = Source.DEGRADED;
            }
            if (!verdict.is(Kind.FORGOTTEN)) {
                if (verdict.ask()) {
                    ask(account);
                }
                return new Ruling(account, verdict, source);
            }
            accounts.forget(account);
        }
    }

    // What Redis said last is not heeded when everything is to pass.
    private boolean passesAnyhow(Verdict verdict) {
        return outage == OutagePolicy.FAIL_OPEN && verdict.is(Kind.DENIED) && verdict.waitNanos() != Toll.NEVER;
    }

    // Without a word of Redis: it has not been asked yet, or does not answer.
    private Verdict alone(Account account, Usage usage, boolean reachable, long now) {
        counts.degraded.increment();
        OutagePolicy policy = reachable ? OutagePolicy.LOCAL_SHARE : outage;
        int shares = gateways.count();
        return switch (policy) {
            case LOCAL_SHARE -> orSoon(account.passByShare(usage, now, shares));
            case FAIL_OPEN -> account.pass(usage, now, shares);
            case FAIL_CLOSED -> Verdict.denied(0, CLOSED_NANOS, false);
        };
    }

    // More than the share ever holds may well be there when Redis answers.
    private static Verdict orSoon(Verdict verdict) {
        return verdict.waitNanos() == Toll.NEVER
                ? Verdict.denied(verdict.limit(), CLOSED_NANOS, verdict.ask())
                : verdict;
    }

    Decision peek(String key) {
        long now = clock.nanos();
        Account known = accounts.known(key);
        Account account = known == null ? accounts.fresh(key) : known;
        Source source = questions.reach(account.name) && known != null ? Source.LEASE : Source.DEGRADED;
        return account.peek(source, now, gateways.count());
    }

    void charge(String key, Usage usage) {
        Account account = accounts.find(key);
        while (!account.charge(usage, clock.nanos(), gateways.count())) {
            accounts.forget(account);
            account = accounts.find(key);
        }
    }

    void refund(String key, Usage usage) {
        Account account = accounts.find(key);
        // Never to the account of all others: what a key took that had a place then would be theirs.
        while (!accounts.isOfOthers(account) && !account.refund(usage, clock.nanos(), gateways.count())) {
            accounts.forget(account);
            account = accounts.find(key);
        }
    }

    // ---- deciding when Redis has answered

    /** Waits for Redis if that is needed, allowed and possible. */
    CompletionStage<Decision> acquire(String key, Usage usage) {
        Account account = accounts.find(key);
        boolean waits = patience.isPresent() && questions.reach(account.name);
        if (!waits || !enter()) {
            return CompletableFuture.completedFuture(decide(key, usage, waits));
        }
        Waiter waiter = new Waiter(key, usage);
        CompletionStage<Decision> unused = waiter.whenComplete((decision, failure) -> waiting.decrementAndGet());
        long now = clock.nanos();
        Verdict verdict = account.join(waiter, now, gateways.count());
        while (verdict.is(Kind.FORGOTTEN)) {
            accounts.forget(account);
            account = accounts.find(key);
            verdict = account.join(waiter, now, gateways.count());
        }
        if (verdict.is(Kind.UNKNOWN)) {
            await(account, waiter);
        } else {
            Decision decision = account.decision(verdict, Source.LEASE, now, gateways.count());
            tell(key, decision);
            complete(waiter, decision);
        }
        if (verdict.ask() && !ask(account)) {
            lapse(account);
        }
        return waiter;
    }

    private boolean enter() {
        boolean in = waiting.incrementAndGet() <= mostWaiting;
        if (!in) {
            waiting.decrementAndGet();
        }
        return in;
    }

    private void await(Account account, Waiter waiter) {
        try {
            Future<?> deadline = thread.schedule(
                    () -> giveUp(account, waiter), patience.orElseThrow().toNanos(), TimeUnit.NANOSECONDS);
            CompletionStage<Decision> unused = waiter.whenComplete((decision, cancelled) -> {
                deadline.cancel(false);
                if (cancelled != null) {
                    account.leave(waiter);
                }
            });
        } catch (RejectedExecutionException e) {
            // It is closed.
            giveUp(account, waiter);
        }
    }

    private void giveUp(Account account, Waiter waiter) {
        if (account.leave(waiter)) {
            decideLate(waiter);
        }
    }

    /** Whoever waits for an account gets an answer now. */
    private void lapse(Account account) {
        if (account.isUnheard()) {
            account.drain().forEach(this::decideLate);
        }
    }

    private void decideLate(Waiter waiter) {
        complete(waiter, decide(waiter.key, waiter.usage, true));
    }

    private void serve(Served served) {
        tell(served.waiter().key, served.decision());
        complete(served.waiter(), served.decision());
    }

    // Who has cancelled meanwhile gives back what was granted.
    private void complete(Waiter waiter, Decision decision) {
        if (!waiter.complete(decision) && decision.allowed()) {
            refund(waiter.key, waiter.usage);
        }
    }

    private void tell(String key, Decision decision) {
        if (!decision.allowed() && listener.isPresent()) {
            try {
                listener.get().denied(key, decision);
            } catch (RuntimeException e) {
                log.warn("a listener of limits threw; the request goes on", e);
            }
        }
    }

    // ---- asking

    /**
     * Asks about a key, unless a question is under way.
     *
     * @return whether one is
     */
    private boolean ask(Account account) {
        Link link = questions.enter(account.name);
        if (link == null) {
            return false;
        }
        long now = clock.nanos();
        Question question = account.question(now, gateways.count());
        if (question == null) {
            link.leave(1);
            return true;
        }
        counts.questions.increment();
        String pusher = LimitKeys.pusher(account.name, gateways.id());
        Call call = BucketScript.take(account.name, pusher, terms, question.push(), question.offers(), now);
        Ask<Answer> ask = new Ask<>(link);
        questions.put(ask, link, call, (text, vouch) -> hear(account, question, text));
        CompletionStage<Optional<Answer>> unused = ask.whenComplete((answer, failure) -> {
            if (answer == null || answer.isEmpty()) {
                account.unanswered(question).forEach(this::decideLate);
            }
        });
        return true;
    }

    private Optional<Answer> hear(Account account, Question question, @Nullable String text) {
        Answer answer = Answer.parse(text, terms.tolls.length);
        if (answer == null || answer.granted() > question.offers().size()) {
            return Optional.empty();
        }
        if (question.push() != null) {
            counts.pushes.increment();
        }
        if (!question.offers().isEmpty()) {
            (answer.granted() > 0 ? counts.grants : counts.denials).increment();
        }
        account.heard(question, answer, clock.nanos(), gateways.count()).forEach(this::serve);
        if (account.isUnheard() && !ask(account)) {
            lapse(account);
        }
        return Optional.of(answer);
    }

    // ---- as time goes by

    /** What is known here, for {@link #care}. */
    Accounts accounts() {
        return accounts;
    }

    /**
     * Forgets a key that nobody uses, or tells Redis what it is still to be told of it.
     *
     * @return false when Redis cannot be told now
     */
    boolean care(Account account) {
        return switch (account.care(clock.nanos(), gateways.count(), !accounts.isOfOthers(account))) {
            case NONE -> true;
            case ASK -> ask(account);
            case FORGET -> {
                accounts.forget(account);
                yield true;
            }
        };
    }

    /** Nobody waits any more: it is closed. */
    void close() {
        accounts.all().forEachRemaining(this::dismiss);
        dismiss(accounts.others());
    }

    private void dismiss(Account account) {
        account.drain().forEach(this::decideLate);
    }
}
