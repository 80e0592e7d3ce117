package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("1994-11-06T08:49:00Z");
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static Duration read(String value) {
        return RetryAfter.read(value, NOW, LONGEST);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "007,7", "' 30 ',30", "60,60", "61,60", "0000000000000000000005,5"})
    void secondsUpToTheLongest(String value, long seconds) {
        assertThat(read(value)).hasSeconds(seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9999999999", "99999999999999999999999999999999999999"})
    void moreThanALongCanHoldIsTheLongest(String value) {
        assertThat(read(value)).isEqualTo(LONGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void datesInTheThreeFormsOfHttp(String date) {
        assertThat(read(date)).hasSeconds(37);
    }

    @Test
    void aFarDateIsTheLongest() {
        assertThat(read("Fri, 31 Dec 9999 23:59:59 GMT")).isEqualTo(LONGEST);
    }

    @Test
    void yearsOfTwoDigitsAreNotFarAhead() {
        assertThat(RetryAfter.read("Sunday, 22-Nov-26 12:00:10 GMT", Instant.parse("2026-11-22T12:00:00Z"), LONGEST))
                .hasSeconds(10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:48:59 GMT",
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "",
                " ",
                "-5",
                "+5",
                "1.5",
                "5s",
                "soon",
                "5, 6",
                "\u0665",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "Sun, 32 Nov 1994 08:49:37 GMT"
            })
    void whatIsOverOrNoTimeIsNoWait(String value) {
        assertThat(read(value)).isZero();
    }
}
