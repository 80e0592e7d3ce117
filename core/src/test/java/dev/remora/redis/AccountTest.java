package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Decision.Source;
import dev.remora.ratelimit.Limit;
import dev.remora.redis.Account.Care;
import dev.remora.redis.Account.Served;
import dev.remora.redis.BucketScript.Answer;
import dev.remora.redis.Verdict.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** One key of one gateway, with a Redis that says what the test wants. The moments are in milliseconds. */
class AccountTest {

    // A hundred a second, forty at once: a unit takes 10 ms.
    private static final Limit LIMIT =
            Limit.requests(100, Duration.ofSeconds(1)).withBurst(40).withMaxDebt(20);
    private static final Usage ONE = Usage.ONE_REQUEST;
    private static final long LEASE_AGE = 1_000;

    private final LimiterCounts counts = new LimiterCounts();
    private final Terms terms = new Terms(List.of(LIMIT), Duration.ofMillis(LEASE_AGE), counts, 0);
    private final Account account = new Account("key", "name", terms, 0, 1);
    private long now;

    private long nanos() {
        return now * 1_000_000;
    }

    private Verdict spend(long units) {
        return account.spend(Usage.requests(units), nanos(), 1);
    }

    private Verdict passByShare(long units) {
        return account.passByShare(Usage.requests(units), nanos(), 1);
    }

    private Question question() {
        return Objects.requireNonNull(account.question(nanos(), 1), "no question");
    }

    private List<Served> answer(Question question, int granted, long aheadMillis) {
        return account.heard(question, new Answer(granted, List.of(aheadMillis * 1_000)), nanos(), 1);
    }

    private static List<Long> offers(Question question) {
        return question.offers().stream().map(units -> units[0]).toList();
    }

    private static long pushed(Question question) {
        return Objects.requireNonNull(question.push(), "nothing is pushed")
                .micros()
                .get(0);
    }

    /** Brings so many units into hand; the bucket in Redis has so many less. */
    private void hold(long units) {
        Waiter waiter = join(units);
        Question question = question();
        assertThat(offers(question)).contains(units);
        assertThat(answer(question, 1, units * 10)).hasSize(1);
        account.refund(waiter.usage, nanos(), 1);
    }

    @CanIgnoreReturnValue
    private Waiter join(long units) {
        Waiter waiter = new Waiter("key", Usage.requests(units));
        assertThat(account.join(waiter, nanos(), 1).kind()).isEqualTo(Kind.UNKNOWN);
        return waiter;
    }

    @Test
    void aNewKeyIsUnknownAndAskedAbout() {
        assertThat(spend(1).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(spend(1).ask()).isTrue();
    }

    @Test
    void moreThanTheBurstIsDeniedForEver() {
        Verdict verdict = spend(41);
        assertThat(verdict.kind()).isEqualTo(Kind.DENIED);
        assertThat(account.decision(verdict, Source.LEASE, nanos(), 1).retryAfter())
                .isEmpty();
    }

    @Test
    void whatIsInHandIsSpentToTheLast() {
        hold(3);
        assertThat(spend(2).kind()).isEqualTo(Kind.TAKEN);
        assertThat(spend(1).kind()).isEqualTo(Kind.TAKEN);
        assertThat(spend(1).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void whatPassesByTheShareIsChargedByTheNextQuestion() {
        assertThat(passByShare(3).kind()).isEqualTo(Kind.TAKEN);
        Question question = question();
        assertThat(pushed(question)).isEqualTo(30_000);
        assertThat(offers(question))
                .as("of a key that is seldom used nothing is kept")
                .isEmpty();
    }

    @Test
    void aPushIsRepeatedUntilItIsAnswered() {
        passByShare(3);
        Question first = question();
        account.unanswered(first);
        passByShare(4);
        Question second = question();
        assertThat(second.push()).isEqualTo(first.push());
        answer(second, 0, 30);
        Question third = question();
        assertThat(pushed(third)).isEqualTo(40_000);
        answer(third, 0, 70);
        assertThat(account.question(nanos(), 1)).isNull();
    }

    @Test
    void aLateAnswerAcknowledgesThePush() {
        passByShare(3);
        Question late = question();
        account.unanswered(late);
        answer(late, 0, 30);
        assertThat(account.question(nanos(), 1)).isNull();
    }

    @Test
    void aPushIsGivenUpWhenItsBucketWouldBeFullAgain() {
        passByShare(3);
        account.unanswered(question());
        now += 601; // 40 and 20 units of 10 ms
        assertThat(account.question(nanos(), 1)).isNull();
    }

    @Test
    void aDenialIsRememberedUntilItIsOver() {
        join(10);
        assertThat(answer(question(), 0, 350)).singleElement().satisfies(served -> {
            Decision decision = served.decision();
            assertThat(decision.allowed()).isFalse();
            assertThat(decision.source()).isEqualTo(Source.REDIS);
            assertThat(decision.remaining()).isEqualTo(5);
            assertThat(decision.retryAfter()).contains(Duration.ofMillis(50));
            assertThat(decision.resetAfter()).isEqualTo(Duration.ofMillis(350));
        });
        now += 49;
        assertThat(spend(10).kind()).isEqualTo(Kind.DENIED);
        assertThat(spend(10).ask()).isFalse();
        now += 1;
        assertThat(spend(10).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void anOldDenialIsAskedAboutAgain() {
        join(1);
        answer(question(), 0, 600);
        now += 100;
        account.charge(Usage.requests(20), nanos(), 1);
        answer(question(), 0, 600);
        assertThat(spend(1).ask()).isFalse();
        now += LEASE_AGE;
        account.charge(Usage.requests(60), nanos(), 1);
        Verdict verdict = spend(1);
        assertThat(verdict.kind()).isEqualTo(Kind.DENIED);
        assertThat(verdict.ask()).isTrue();
    }

    @Test
    void aLeaseIsDoubledWhileItIsUsedUpFastAndBounded() {
        long[] leases = new long[6];
        for (int i = 0; i < leases.length; i++) {
            while (spend(1).is(Kind.TAKEN)) {}
            passByShare(1);
            Question question = question();
            leases[i] = question.offers().isEmpty() ? 0 : offers(question).get(0);
            answer(question, question.offers().isEmpty() ? 0 : 1, 0);
            now += 10;
        }
        // 100 ms of the rate, and a quarter of the burst, are ten.
        assertThat(leases).containsExactly(0, 1, 2, 4, 8, 10);
    }

    @Test
    void aLeaseOfManyGatewaysIsAQuarterOfAShareOrOne() {
        Toll toll = new Toll(LIMIT);
        assertThat(toll.mostInHand(2)).isEqualTo(5);
        assertThat(toll.mostInHand(11)).isEqualTo(1);
    }

    @Test
    void theNextLeaseIsAskedForWhenHalfIsSpent() {
        for (int i = 0; i < 5; i++) {
            while (spend(1).is(Kind.TAKEN)) {}
            passByShare(1);
            Question question = question();
            answer(question, question.offers().isEmpty() ? 0 : 1, 0);
            now += 10;
        }
        // Eight are in hand.
        for (int i = 0; i < 4; i++) {
            assertThat(spend(1).ask()).as("after " + i).isFalse();
        }
        assertThat(spend(1).ask()).isTrue();
        assertThat(offers(question())).as("up to ten in hand").containsExactly(7L);
    }

    @Test
    void whatIsNotSpentGoesBack() {
        hold(5);
        now += LEASE_AGE - 1;
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.NONE);
        now += 1;
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.ASK);
        assertThat(spend(1).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(pushed(question())).isEqualTo(-50_000);
    }

    @Test
    void whatIsInHandIsOfTwoAgesAndTheOlderIsSpentFirst() {
        hold(5);
        now += 100;
        join(8);
        Question question = question();
        account.drain();
        answer(question, 1, 0);
        assertThat(spend(1).kind()).isEqualTo(Kind.TAKEN);
        now += LEASE_AGE - 100;
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.ASK);
        Question first = question();
        assertThat(pushed(first)).isEqualTo(-40_000);
        answer(first, 0, 0);
        now += 99;
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.NONE);
        now += 1;
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.ASK);
        assertThat(pushed(question())).isLessThan(0);
    }

    @Test
    void whatALateAnswerGrantsIsAsOldAsItsQuestion() {
        join(5);
        Question late = question();
        account.unanswered(late);
        now += LEASE_AGE;
        answer(late, 1, 50);
        assertThat(spend(1).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(pushed(question())).isEqualTo(-50_000);
    }

    @Test
    void anOldAnswerDoesNotReplaceANewerOne() {
        join(1);
        Question late = question();
        account.unanswered(late);
        join(1);
        answer(question(), 0, 400);
        answer(late, 0, 0);
        assertThat(spend(1).kind()).isEqualTo(Kind.DENIED);
    }

    @Test
    void whoWaitsIsServedInOrder() {
        Waiter first = join(10);
        Waiter second = join(20);
        Waiter third = join(5);
        Waiter fourth = join(1);
        Question question = question();
        assertThat(offers(question)).as("all, the first two, the first").containsExactly(36L, 30L, 10L);
        List<Served> served = answer(question, 2, 400);
        assertThat(served.stream().map(Served::waiter).toList().equals(List.of(first, second, third, fourth)))
                .as("in order")
                .isTrue();
        assertThat(served.stream().map(one -> one.decision().allowed())).containsExactly(true, true, false, false);
    }

    @Test
    void whoStillMayGetSomethingWaitsForTheNextQuestion() {
        join(10);
        Waiter second = join(10);
        assertThat(answer(question(), 2, 300)).hasSize(1);
        assertThat(account.isUnheard()).isTrue();
        Question next = question();
        assertThat(offers(next)).contains(10L);
        assertThat(answer(next, 1, 400)).singleElement().satisfies(served -> {
            assertThat(served.waiter()).isSameAs(second);
            assertThat(served.decision().allowed()).isTrue();
        });
    }

    @Test
    void whoHasLeftGetsNothing() {
        Waiter gone = join(5);
        Waiter stays = join(1);
        assertThat(gone.cancel(false)).isTrue();
        assertThat(offers(question())).containsExactly(1L);
        assertThat(account.leave(gone)).isFalse();
        assertThat(account.leave(stays)).isTrue();
    }

    @Test
    void whatIsOwedIsPaidByWhatIsGrantedFirst() {
        join(5);
        Question question = question();
        passByShare(2);
        account.drain();
        answer(question, 1, 50);
        assertThat(spend(4).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(spend(3).kind()).isEqualTo(Kind.TAKEN);
        assertThat(account.care(nanos(), 1, true)).as("nothing to push").isEqualTo(Care.NONE);
    }

    @Test
    void whatIsOwedIsToldAllThoughTheShareHasPaidIt() {
        passByShare(10);
        now += 1_000;
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.ASK);
        assertThat(pushed(question())).isEqualTo(100_000);
    }

    @Test
    void whatIsOwedInALongOutageIsForgiven() {
        for (int i = 0; i < 100; i++) {
            now += 100;
            passByShare(10);
        }
        assertThat(pushed(question())).as("as much as passed last").isEqualTo(100_000);
    }

    @Test
    void aKeyThatWasForgottenIsChargedWhenItComesAgain() {
        passByShare(1);
        Question first = question();
        Account again = new Account("key", "name", terms, nanos(), 1);
        again.charge(ONE, nanos(), 1);
        Question second = Objects.requireNonNull(again.question(nanos(), 1));
        assertThat(Objects.requireNonNull(second.push()).number())
                .isGreaterThan(Objects.requireNonNull(first.push()).number());
    }

    @Test
    void whoAsksForTooMuchBehindOthersIsDenied() {
        join(1);
        join(Long.MAX_VALUE);
        join(Long.MAX_VALUE);
        join(1);
        assertThat(answer(question(), 1, 10)).hasSize(3).satisfies(served -> {
            assertThat(served.get(1).decision().retryAfter()).isEmpty();
            assertThat(served.get(2).decision().retryAfter()).isEmpty();
        });
        assertThat(offers(question())).containsExactly(1L);
    }

    @Test
    void theShareCountsWhatPassesByLeasesToo() {
        hold(40);
        assertThat(spend(40).kind()).isEqualTo(Kind.TAKEN);
        assertThat(passByShare(1).kind()).isEqualTo(Kind.DENIED);
        now += 10;
        assertThat(passByShare(1).kind()).isEqualTo(Kind.TAKEN);
    }

    @Test
    void theShareOfAGatewayFillsAtItsShareOfThePace() {
        assertThat(account.passByShare(Usage.requests(10), nanos(), 4).kind()).isEqualTo(Kind.TAKEN);
        Verdict denied = account.passByShare(ONE, nanos(), 4);
        assertThat(denied.kind()).isEqualTo(Kind.DENIED);
        assertThat(Duration.ofNanos(denied.waitNanos())).isEqualTo(Duration.ofMillis(40));
        now += 39;
        assertThat(account.passByShare(ONE, nanos(), 4).kind()).isEqualTo(Kind.DENIED);
        now += 1;
        assertThat(account.passByShare(ONE, nanos(), 4).kind()).isEqualTo(Kind.TAKEN);
    }

    @Test
    void aChargeIsPaidFromTheHandAndElseOwed() {
        hold(5);
        account.charge(Usage.requests(7), nanos(), 1);
        assertThat(spend(1).kind()).isNotEqualTo(Kind.TAKEN);
        assertThat(pushed(question())).isEqualTo(20_000);
    }

    @Test
    void whatIsOwedIsBounded() {
        account.charge(Usage.requests(Long.MAX_VALUE), nanos(), 1);
        account.charge(Usage.requests(Long.MAX_VALUE), nanos(), 1);
        assertThat(pushed(question())).isEqualTo(600_000);
        assertThat(counts.dropped.sum()).isPositive();
        assertThat(passByShare(1).kind()).isEqualTo(Kind.DENIED);
    }

    @Test
    void aRefundIsInHandAsFarAsTheBucketHasRoom() {
        join(5);
        answer(question(), 1, 50);
        account.refund(Usage.requests(3), nanos(), 1);
        assertThat(spend(3).kind()).isEqualTo(Kind.TAKEN);
        now += 50;
        account.refund(Usage.requests(3), nanos(), 1);
        assertThat(spend(1).kind()).as("the bucket is full by now").isEqualTo(Kind.UNKNOWN);
        assertThat(pushed(question())).isEqualTo(-30_000);
    }

    @Test
    void aRefundPaysWhatIsOwed() {
        passByShare(5);
        account.refund(Usage.requests(5), nanos(), 1);
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.FORGET);
    }

    @Test
    void aKeyIsForgottenWhenNothingIsLeftToRemember() {
        passByShare(2);
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.ASK);
        answer(question(), 0, 20);
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.NONE);
        now += 20;
        assertThat(account.care(nanos(), 1, false))
                .as("the account of all others")
                .isEqualTo(Care.NONE);
        assertThat(account.care(nanos(), 1, true)).isEqualTo(Care.FORGET);
        assertThat(spend(1).kind()).isEqualTo(Kind.FORGOTTEN);
        assertThat(passByShare(1).kind()).isEqualTo(Kind.FORGOTTEN);
        assertThat(account.charge(ONE, nanos(), 1)).isFalse();
        assertThat(account.refund(ONE, nanos(), 1)).isFalse();
    }

    @Test
    void peekingTakesNothing() {
        assertThat(account.peek(Source.DEGRADED, nanos(), 1).remaining()).isEqualTo(40);
        passByShare(40);
        Decision empty = account.peek(Source.DEGRADED, nanos(), 1);
        assertThat(empty.allowed()).isFalse();
        assertThat(empty.retryAfter()).contains(Duration.ofMillis(10));
    }

    @Test
    void severalLimitsAreSpentTogetherOrNotAtAll() {
        Terms two = new Terms(
                List.of(LIMIT, Limit.tokens(1_000, Duration.ofSeconds(1))), Duration.ofMillis(LEASE_AGE), counts, 0);
        Account both = new Account("key", "name", two, 0, 1);
        Waiter waiter = new Waiter("key", new Usage(5, 500, 0));
        both.join(waiter, 0, 1);
        Question question = Objects.requireNonNull(both.question(0, 1));
        assertThat(question.offers()).singleElement().isEqualTo(new long[] {5, 500});
        both.drain();
        both.heard(question, new Answer(1, List.of(50_000L, 500_000L)), 0, 1);
        assertThat(both.spend(new Usage(1, 501, 0), 0, 1).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(both.spend(new Usage(5, 500, 0), 0, 1).kind()).isEqualTo(Kind.TAKEN);
    }

    @Test
    void readingsOfTheClockMayWrapAround() {
        long start = Long.MAX_VALUE - 1_000_000;
        Account late = new Account("key", "name", terms, start, 1);
        assertThat(late.passByShare(Usage.requests(40), start, 1).kind()).isEqualTo(Kind.TAKEN);
        assertThat(late.passByShare(ONE, start + 9_000_000, 1).kind()).isEqualTo(Kind.DENIED);
        assertThat(late.passByShare(ONE, start + 10_000_000, 1).kind()).isEqualTo(Kind.TAKEN);
    }
}
