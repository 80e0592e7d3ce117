package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.Usage;
import dev.remora.guard.Admission;
import dev.remora.guard.Caller;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.TokenBudget;
import dev.remora.http.FakeHeaders;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.pool.Backend;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.ratelimit.Unit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits and guards, as requests meet them. */
class LimitedTrafficTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeTime time = new FakeTime();
    private final List<LoadBalancer> balancers = new ArrayList<>();
    private final FakeRequest request = FakeRequest.get("/v1/chat/completions").header("content-length", "400");

    private LoadBalancer balancer(Guard... guards) {
        LoadBalancerBuilder settings = LoadBalancer.builder()
                .clock(time)
                .backends(Backend.of("a", "http://127.0.0.1:9000"), Backend.of("b", "http://127.0.0.1:9001"));
        for (Guard guard : guards) {
            settings.guard(guard);
        }
        LoadBalancer made = settings.build();
        balancers.add(made);
        return made;
    }

    @AfterEach
    void nothingIsLeftOpen() {
        for (LoadBalancer balancer : balancers) {
            assertThat(balancer.stats().openStreams()).isZero();
            balancer.close();
        }
    }

    private RateLimiter limiter(Limit... limits) {
        return RateLimiter.local(limits).clock(time).build();
    }

    private static FakeHeaders applied(HeaderEdits edits) {
        FakeHeaders headers = new FakeHeaders();
        edits.applyTo(headers);
        return headers;
    }

    private static String json(Problem problem) {
        return new String(problem.json(), StandardCharsets.UTF_8);
    }

    // ---- requests

    @Test
    void anAnswerTellsWhatIsLeft() {
        LoadBalancer balancer = balancer(Guard.rate(
                LimitKey.clientAddress(),
                limiter(
                        Limit.requests(3, MINUTE),
                        Limit.requests(9, Duration.ofHours(1)).named("hour"))));
        Lease lease = (Lease) balancer.tryAcquire(request);
        FakeHeaders head = applied(lease.responseStarted(new FakeResponse(200)));
        assertThat(head.values("ratelimit-policy")).containsExactly("\"requests\";q=3;w=60, \"hour\";q=9;w=3600");
        assertThat(head.values("ratelimit")).containsExactly("\"requests\";r=2;t=20");
        lease.complete(Outcome.success());
    }

    @Test
    void whoHasHadItsShareIsToldWhenToComeBack() {
        LoadBalancer balancer = balancer(Guard.rate(LimitKey.clientAddress(), limiter(Limit.requests(1, MINUTE))));
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.success());
        time.advance(Duration.ofMillis(500));
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DENIED);
        assertThat(refusal.problem().status()).isEqualTo(429);
        assertThat(refusal.problem().retryAfterSeconds()).contains("60");
        assertThat(json(refusal.problem()))
                .isEqualTo(
                        "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\",\"status\":429,"
                                + "\"title\":\"Quota exceeded\",\"violated-policies\":[\"requests\"]}\n");
        FakeHeaders head = applied(refusal.headers());
        assertThat(head.values("ratelimit")).containsExactly("\"requests\";r=0;t=60");
        assertThat(balancer.tryAcquire(FakeRequest.get("/").from("192.0.2.2")))
                .isInstanceOfSatisfying(Lease.class, lease -> lease.complete(Outcome.success()));
    }

    @Test
    void sixtyFourBitsOfAnAddressAreOneClient() {
        LoadBalancer balancer = balancer(Guard.rate(LimitKey.clientAddress(), limiter(Limit.requests(1, MINUTE))));
        ((Lease) balancer.tryAcquire(FakeRequest.get("/").from("2001:db8::1"))).complete(Outcome.success());
        assertThat(balancer.tryAcquire(FakeRequest.get("/").from("2001:db8::2")))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void whatALimitLetPassIsNotTakenAgainByRetries() {
        LoadBalancer balancer = balancer(Guard.rate(LimitKey.everybody(), limiter(Limit.requests(1, MINUTE))));
        Lease first = (Lease) balancer.tryAcquire(request);
        Lease second = (Lease) first.retry(Outcome.failure(FailureKind.CONNECT));
        second.complete(Outcome.success());
    }

    @Test
    void aPlanHasLimitsOfItsOwn() {
        Guard recognise = (view, visitor) -> view.header("x-who")
                .map(who -> Admission.admitted(new Caller(who, who.startsWith("pro") ? "pro" : "free"), outcome -> {}))
                .orElse(Admission.admitted());
        LoadBalancer balancer = balancer(
                recognise,
                Guard.forPlan("free", Guard.rate(LimitKey.caller(), limiter(Limit.requests(1, MINUTE)))),
                Guard.forPlan("pro", Guard.rate(LimitKey.caller(), limiter(Limit.requests(3, MINUTE)))));
        assertThat(admitted(balancer, "free-1", 5)).isEqualTo(1);
        assertThat(admitted(balancer, "pro-1", 5)).isEqualTo(3);
        assertThat(admitted(balancer, "pro-2", 5)).isEqualTo(3);
    }

    private int admitted(LoadBalancer balancer, String who, int times) {
        int admitted = 0;
        for (int i = 0; i < times; i++) {
            if (balancer.tryAcquire(FakeRequest.get("/").header("x-who", who)) instanceof Lease lease) {
                lease.complete(Outcome.success());
                admitted++;
            }
        }
        return admitted;
    }

    // ---- open streams

    @Test
    void aStreamHoldsItsPlaceUntilItEnds() {
        LoadBalancer balancer = balancer(Guard.openStreams(LimitKey.clientAddress(), 2));
        Lease first = (Lease) balancer.tryAcquire(request);
        Lease second = (Lease) balancer.tryAcquire(request);
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.problem().status()).isEqualTo(429);
        Lease other = (Lease) balancer.tryAcquire(FakeRequest.get("/").from("192.0.2.77"));
        first.complete(Outcome.cancelled());
        first.complete(Outcome.cancelled());
        Lease third = (Lease) balancer.tryAcquire(request);
        assertThat(balancer.tryAcquire(request)).isInstanceOf(Refusal.class);
        List.of(second, third, other).forEach(lease -> lease.complete(Outcome.success()));
    }

    @Test
    void aGatewayThatHasNoRoomShedsWith503() {
        LoadBalancer balancer = balancer(Guard.openStreams(1));
        Lease lease = (Lease) balancer.tryAcquire(request);
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.problem().status()).isEqualTo(503);
        assertThat(refusal.problem().type()).endsWith("#temporary-reduced-capacity");
        lease.complete(Outcome.success());
    }

    // ---- tokens

    private static LimitKey everybody() {
        return LimitKey.everybody();
    }

    @Test
    void anAnswerPaysForWhatItTook() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).expecting(0, 300)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(tokens.peek("*").remaining())
                .as("100 for 400 bytes, 300 for the answer")
                .isEqualTo(600);
        FakeHeaders head = applied(lease.responseStarted(new FakeResponse(200)));
        assertThat(head.values("ratelimit-policy")).containsExactly("\"tokens\";q=1000;qu=\"remora-tokens\";w=60");
        assertThat(head.values("ratelimit")).containsExactly("\"tokens\";r=600;t=24");
        lease.streamed(5_000);
        lease.used(Usage.request(80, 20));
        lease.complete(Outcome.success());
        assertThat(tokens.peek("*").remaining()).isEqualTo(900);
    }

    @Test
    void aClientThatLeavesPaysForWhatItSaw() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.streamed(10);
        lease.used(Usage.request(0, 7));
        lease.complete(Outcome.cancelled());
        assertThat(tokens.peek("*").remaining()).as("100 of the prompt, 7 seen").isEqualTo(893);
    }

    @Test
    void tokensThatAreToldAloneDoNotGiveTheRequestBack() {
        RateLimiter limiter = limiter(Limit.requests(1, MINUTE), Limit.tokens(10_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(limiter)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.used(Usage.tokens(10, 20));
        lease.complete(Outcome.success());
        assertThat(balancer.tryAcquire(request)).isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerWithoutEventsThatBreaksCostsWhatWasReserved(boolean left) {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.streamed(400_000);
        lease.complete(left ? Outcome.cancelled() : Outcome.failure(FailureKind.TRUNCATED));
        assertThat(tokens.peek("*").remaining()).isEqualTo(400);
    }

    @Test
    void aClientThatLeavesBeforeTheFirstWordPaysForItsPrompt() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        Lease sent = (Lease) balancer.tryAcquire(request);
        sent.requestEdits().applyTo(new FakeHeaders());
        sent.complete(Outcome.cancelled());
        assertThat(tokens.peek("*").remaining()).isEqualTo(900);
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.cancelled());
        assertThat(tokens.peek("*").remaining()).as("never sent").isEqualTo(900);
    }

    @Test
    void aRequestThatNobodyAnsweredCostsNoTokens() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        Pick pick = lease;
        while (pick instanceof Lease next) {
            pick = next.retry(Outcome.failure(FailureKind.CONNECT));
        }
        assertThat(tokens.peek("*").remaining()).isEqualTo(1_000);
    }

    @Test
    void anAnswerWithoutUsageCostsItsEventsOrTheEstimate() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        Lease broken = (Lease) balancer.tryAcquire(request);
        broken.streamed(10);
        broken.event();
        broken.event();
        broken.complete(Outcome.failure(FailureKind.TRUNCATED));
        assertThat(tokens.peek("*").remaining()).isEqualTo(898);
        Lease whole = (Lease) balancer.tryAcquire(request);
        whole.streamed(10);
        whole.complete(Outcome.success());
        assertThat(tokens.peek("*").remaining()).isEqualTo(298);
    }

    @Test
    void aStreamMayGoIntoDebtAndTheNextOneWaits() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).expecting(0, 400)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.used(Usage.request(0, 1_100));
        assertThat(lease.endRequest()).isEmpty();
        lease.used(Usage.request(100, 1_100));
        lease.complete(Outcome.success());
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.problem().retryAfterSeconds())
                .as("200 owed and 500 wanted")
                .contains("42");
        time.advance(Duration.ofSeconds(42));
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.cancelled());
    }

    @Test
    void aStreamIsAskedToEndWhenThereIsNothingLeft() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(
                everybody(), TokenBudget.of(tokens).expecting(0, 400).stoppingWhenExhausted()));
        Lease lease = (Lease) balancer.tryAcquire(request);
        List<EndRequest> wishes = new ArrayList<>();
        lease.onEndRequested(wishes::add);
        lease.used(Usage.request(0, 900));
        assertThat(wishes).as("beyond the estimate, but there").isEmpty();
        lease.used(Usage.request(0, 901));
        lease.used(Usage.request(0, 902));
        assertThat(wishes).extracting(EndRequest::reason).containsExactly(EndRequest.Reason.EXHAUSTED);
        lease.complete(Outcome.cancelled());
        assertThat(tokens.peek("*").remaining()).isZero();
    }

    private static ByteBuffer body(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aShortAnswerReservesNoMoreThanItMayTake() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).readingBodies(65_536)));
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        assertThat(lease.wantsRequestBody()).isEqualTo(65_536);
        assertThat(lease.requestBody(body("{\"messages\":[{\"max_tokens\":7}],\"max_tokens\":50,\"stream\":true}")))
                .isEmpty();
        assertThat(tokens.peek("*").remaining())
                .as("16 for 61 bytes, 50 for the answer")
                .isEqualTo(934);
        lease.streamed(1);
        lease.complete(Outcome.success());
        assertThat(tokens.peek("*").remaining()).isEqualTo(934);
    }

    @Test
    void aLongPromptThatWasNotAnnouncedIsReservedOrDenied() {
        RateLimiter tokens = limiter(Limit.tokens(2_000, MINUTE));
        LoadBalancer balancer =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).readingBodies(65_536)));
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        assertThat(first.requestBody(body("\"" + "x".repeat(3_998) + "\""))).isEmpty();
        assertThat(tokens.peek("*").remaining()).isEqualTo(500);
        first.complete(Outcome.cancelled());
        assertThat(tokens.peek("*").remaining()).isEqualTo(2_000);
        Lease second = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        Refusal refusal =
                second.requestBody(body("\"" + "x".repeat(9_000) + "\"")).orElseThrow();
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DENIED);
        assertThat(refusal.problem().status()).isEqualTo(429);
        second.complete(Outcome.cancelled());
        assertThat(tokens.peek("*").remaining()).isEqualTo(2_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1]",
                "{\"max_tokens\":\"7\"}",
                "{\"max_tokens\":7.5}",
                "{\"max_tokens\":99999999999999999999}",
                "{\"max_tokens\":-1}",
                "{\"max_tokens\":0}",
                "{\"max_tokens\":-1,\"max_completion_tokens\":1}",
                "{\"max_tokens\":-99999999999999999999}",
                "{\"a\":{\"max_tokens\":1}}",
                "\u0000",
                "{\"max_tokens\""
            })
    void aBodyThatSaysNothingOfTokensChangesNothingOfTheAnswer(String text) {
        RateLimiter tokens = limiter(Limit.of(Unit.OUTPUT_TOKENS, 1_000, MINUTE));
        LoadBalancer balancer =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).readingBodies(65_536)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.requestBody(body(text))).isEmpty();
        assertThat(tokens.peek("*").remaining()).isEqualTo(500);
        lease.complete(Outcome.cancelled());
    }

    @Test
    void aBodyLongerThanAnybodyReadsReservesAsMuchAsItIsLong() {
        RateLimiter tokens = limiter(Limit.tokens(2_000, MINUTE));
        LoadBalancer announced = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        assertThat(announced.tryAcquire(FakeRequest.get("/").header("content-length", "4294967296")))
                .isInstanceOf(Refusal.class);
        LoadBalancer read =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).readingBodies(4_000)));
        Lease chunked = (Lease) read.tryAcquire(FakeRequest.get("/"));
        assertThat(chunked.requestBody(body("\"" + "x".repeat(3_999)))).isEmpty();
        assertThat(tokens.peek("*").remaining())
                .as("at least 1,000 for the prompt")
                .isEqualTo(500);
        chunked.complete(Outcome.cancelled());
    }

    @Test
    void ofSeveralNumbersOfTokensTheLargestCounts() {
        RateLimiter tokens = limiter(Limit.of(Unit.OUTPUT_TOKENS, 1_000, MINUTE));
        LoadBalancer balancer =
                balancer(Guard.tokens(everybody(), TokenBudget.of(tokens).readingBodies(65_536)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.requestBody(body("{\"max_completion_tokens\":400,\"max_tokens\":1}")))
                .isEmpty();
        assertThat(tokens.peek("*").remaining()).isEqualTo(600);
        lease.complete(Outcome.cancelled());
        Lease huge = (Lease) balancer.tryAcquire(request);
        assertThat(huge.requestBody(body("{\"max_tokens\":1,\"max_output_tokens\":99999999999999999999}")))
                .isEmpty();
        assertThat(tokens.peek("*").remaining()).isEqualTo(500);
        huge.complete(Outcome.cancelled());
    }

    @Test
    void anAnswerWhoseTokensAreCountedIsAskedForUncompressed() {
        RateLimiter tokens = limiter(Limit.tokens(1_000, MINUTE));
        LoadBalancer balancer = balancer(Guard.tokens(everybody(), TokenBudget.of(tokens)));
        Lease lease = (Lease) balancer.tryAcquire(request);
        FakeHeaders head = new FakeHeaders();
        head.add("accept-encoding", "gzip, br");
        lease.requestEdits().applyTo(head);
        assertThat(head.values("accept-encoding")).containsExactly("identity");
        lease.complete(Outcome.cancelled());
    }

    // ---- answers that come later

    @Test
    void aGuardMayAnswerLater() {
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        AtomicInteger held = new AtomicInteger();
        LoadBalancer balancer = balancer((view, visitor) -> Admission.pending(answer));
        CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
        assertThat(pick).isNotDone();
        held.incrementAndGet();
        answer.complete(Admission.admitted(outcome -> held.decrementAndGet()));
        assertThat(pick).isDone();
        ((Lease) pick.join()).complete(Outcome.success());
        assertThat(held).hasValue(0);
    }

    @Test
    void aLaterDenialGivesBackWhatOthersGranted() {
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        AtomicInteger held = new AtomicInteger(1);
        LoadBalancer balancer = balancer(
                (view, visitor) -> Admission.admitted(outcome -> held.decrementAndGet()),
                (view, visitor) -> Admission.pending(answer));
        CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
        answer.complete(Admission.denied("not now", Duration.ofSeconds(7)));
        assertThat(((Refusal) pick.join()).problem().retryAfterSeconds()).contains("7");
        assertThat(held).hasValue(0);
    }

    @Test
    void whatIsGrantedAfterTheCallerHasLeftIsGivenBack() {
        CompletableFuture<Admission> first = new CompletableFuture<>();
        CompletableFuture<Admission> second = new CompletableFuture<>();
        AtomicInteger held = new AtomicInteger(2);
        LoadBalancer balancer =
                balancer((view, visitor) -> Admission.pending(first), (view, visitor) -> Admission.pending(second));
        CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
        first.complete(Admission.admitted(outcome -> held.decrementAndGet()));
        pick.cancel(false);
        assertThat(held).as("the one that was there").hasValue(1);
        second.complete(Admission.admitted(outcome -> held.decrementAndGet()));
        assertThat(held).hasValue(0);
    }

    @Test
    void aDenialAfterAPendingAnswerGivesThatBack() {
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        AtomicInteger held = new AtomicInteger(1);
        LoadBalancer balancer = balancer(
                (view, visitor) -> Admission.pending(answer), (view, visitor) -> Admission.denied("no", Duration.ZERO));
        assertThat(balancer.acquire(request).toCompletableFuture().join()).isInstanceOf(Refusal.class);
        answer.complete(Admission.admitted(outcome -> held.decrementAndGet()));
        assertThat(held).hasValue(0);
    }

    @Test
    void whoCannotWaitIsNotLeftWaiting() {
        LoadBalancer balancer = balancer((view, visitor) -> {
            assertThat(visitor.mayWait()).isFalse();
            return Admission.pending(new CompletableFuture<>());
        });
        assertThatThrownBy(() -> balancer.tryAcquire(request))
                .hasMessageContaining("expected: only if the visitor may wait");
    }
}
