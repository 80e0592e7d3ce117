package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.ratelimit.Limit;
import dev.remora.redis.BucketScript.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The script alone, on each version of Redis. The limits fill so slowly that nothing comes back while a test runs. */
class BucketScriptTest {

    private static final String KEY = "{k}";
    private static final String PUSHER = "{k}:me";
    private static final Duration SLOW = Duration.ofDays(10);

    // Ten units, each of a day, and as many may be owed.
    private static final Limit LIMIT = Limit.requests(10, SLOW);
    private static final long UNIT_MICROS = Duration.ofDays(1).toNanos() / 1_000;

    private static final Map<RedisVersion, RedisServer> SERVERS = new EnumMap<>(RedisVersion.class);

    @BeforeAll
    static void start() {
        Stream.of(RedisVersion.values()).forEach(version -> SERVERS.put(version, RedisServer.start(version)));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(RedisServer::close);
    }

    @BeforeEach
    void flush() {
        SERVERS.values().forEach(redis -> redis.command("FLUSHALL"));
    }

    private static RedisServer on(RedisVersion version) {
        return Objects.requireNonNull(SERVERS.get(version));
    }

    private static Answer ask(RedisServer redis, List<Limit> limits, @Nullable Push push, long[]... offers) {
        return ask(redis, limits, Duration.ZERO, push, offers);
    }

    private static Answer ask(
            RedisServer redis, List<Limit> limits, Duration age, @Nullable Push push, long[]... offers) {
        Terms terms = new Terms(limits, Duration.ofSeconds(1), new LimiterCounts(), 0);
        Call call = BucketScript.take(KEY, PUSHER, terms, push, List.of(offers), age.toNanos());
        List<String> words = new ArrayList<>(
                List.of("EVAL", call.script().text(), String.valueOf(call.keys().size())));
        words.addAll(call.keys());
        words.addAll(call.arguments());
        String text = String.valueOf(redis.command(words.toArray(String[]::new)));
        Answer answer = Answer.parse(text, limits.size());
        assertThat(answer).as(text).isNotNull();
        return answer;
    }

    private static Answer ask(RedisServer redis, @Nullable Push push, long... offers) {
        return ask(
                redis,
                List.of(LIMIT),
                push,
                Arrays.stream(offers).mapToObj(units -> new long[] {units}).toArray(long[][]::new));
    }

    private static Push push(long number, long units) {
        return new Push(number, List.of(units * UNIT_MICROS), 0);
    }

    /** How many units are missing, rounded up. */
    private static long missing(RedisServer redis) {
        return -Math.floorDiv(-ask(redis, null).aheadMicros().get(0), UNIT_MICROS);
    }

    @ParameterizedTest
    @EnumSource
    void theFirstOfferThatFitsIsGrantedExactly(RedisVersion version) {
        RedisServer redis = on(version);
        assertThat(ask(redis, null, 7, 1).granted()).isEqualTo(1);
        assertThat(missing(redis)).isEqualTo(7);
        assertThat(ask(redis, null, 4, 2, 1).granted()).isEqualTo(2);
        assertThat(missing(redis)).isEqualTo(9);
        assertThat(ask(redis, null, 3, 2).granted()).isZero();
        assertThat(missing(redis)).isEqualTo(9);
    }

    @ParameterizedTest
    @EnumSource
    void aDenialWritesNothing(RedisVersion version) {
        RedisServer redis = on(version);
        assertThat(ask(redis, null, 11).granted()).isZero();
        assertThat(redis.command("DBSIZE")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource
    void allLimitsAreTakenOrNone(RedisVersion version) {
        RedisServer redis = on(version);
        List<Limit> limits = List.of(LIMIT, Limit.tokens(1_000, SLOW));
        assertThat(ask(redis, limits, null, new long[] {1, 900}).granted()).isEqualTo(1);
        Answer denied = ask(redis, limits, null, new long[] {1, 101});
        assertThat(denied.granted()).isZero();
        assertThat(denied.aheadMicros().get(0)).isLessThanOrEqualTo(UNIT_MICROS);
        assertThat(ask(redis, limits, null, new long[] {9, 0}).granted())
                .as("who needs no tokens is not denied for want of them")
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsPushedAgainIsChargedOnce(RedisVersion version) {
        RedisServer redis = on(version);
        ask(redis, push(1, 3));
        ask(redis, push(1, 3));
        assertThat(missing(redis)).isEqualTo(3);
        ask(redis, push(2, 3));
        ask(redis, push(1, 3));
        assertThat(missing(redis)).isEqualTo(6);
        assertThat(Long.parseLong(String.valueOf(redis.command("PTTL", PUSHER))))
                .isBetween(1L, 610_000L);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsChargedIsBoundedByTheDebt(RedisVersion version) {
        RedisServer redis = on(version);
        ask(redis, push(1, 1_000_000));
        assertThat(missing(redis)).isEqualTo(20);
        assertThat(ask(redis, push(2, -10), 1).granted()).as("all is taken").isZero();
        assertThat(ask(redis, push(3, -1), 1).granted()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsGivenBackFillsABucketAtMost(RedisVersion version) {
        RedisServer redis = on(version);
        ask(redis, null, 2);
        ask(redis, push(1, -1_000_000));
        assertThat(missing(redis)).isZero();
        assertThat(ask(redis, null, 11, 10).granted()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aKeyLivesUntilItsBucketsAreFull(RedisVersion version) {
        RedisServer redis = on(version);
        long ahead = ask(redis, null, 2).aheadMicros().get(0);
        assertThat(Long.parseLong(String.valueOf(redis.command("PTTL", KEY))))
                .isBetween(ahead / 1_000 - 60_000, ahead / 1_000 + 1);
    }

    @ParameterizedTest
    @EnumSource
    void whatHasAnotherFormIsReplaced(RedisVersion version) {
        RedisServer redis = on(version);
        for (String value : List.of("", "x", "2 5", "1 ", "1 1 1", "1 1e300", "1 -1", "1\n1")) {
            redis.command("SET", KEY, value);
            assertThat(ask(redis, null, 1).granted()).as(value).isEqualTo(1);
            assertThat(missing(redis)).as(value).isEqualTo(1);
            redis.command("DEL", KEY);
        }
        redis.command("LPUSH", KEY, "x");
        assertThat(ask(redis, null, 1).granted()).isEqualTo(1);
        assertThat(missing(redis)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aMomentBeyondAllDebtIsAsIfAllWereOwed(RedisVersion version) {
        RedisServer redis = on(version);
        for (String moment : List.of("9007199254740991", "99999999999999999999999999")) {
            redis.command("SET", KEY, "1 " + moment);
            assertThat(missing(redis)).isEqualTo(20);
        }
        redis.command("SET", KEY, "1 1");
        assertThat(missing(redis)).as("a moment of the past").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aBucketThatBeginsEmptyFillsThoughNobodyKnowsIt(RedisVersion version) {
        RedisServer redis = on(version);
        List<Limit> limits = List.of(LIMIT.withInitial(0));
        long[] two = {2};
        assertThat(ask(redis, limits, null, two).granted()).isZero();
        assertThat(redis.command("EXISTS", KEY))
                .as("what denies writes nothing")
                .isEqualTo("0");
        assertThat(ask(redis, limits, Duration.ofDays(1), null, two).granted()).isZero();
        assertThat(ask(redis, limits, Duration.ofDays(2), null, two).granted()).isOne();
        assertThat(missing(redis)).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void largeMomentsAreExact(RedisVersion version) {
        RedisServer redis = on(version);
        List<Limit> limits = List.of(Limit.requests(1, Duration.ofDays(366)));
        long ahead = ask(redis, limits, null, new long[] {1}).aheadMicros().get(0);
        assertThat(ahead).isEqualTo(Duration.ofDays(366).toNanos() / 1_000);
        assertThat(String.valueOf(redis.command("GET", KEY))).matches("1 \\d{16}");
    }
}
