package dev.remora.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.guard.Permit;
import dev.remora.guard.Visitor;
import java.io.StringReader;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a text holds: nothing throws, and no character is looked at more often than a constant says. */
class HostileTextTest {

    private static final int LENGTH = 20_000;
    private static final int STEPS_PER_CHARACTER = 16;
    private static final Visitor VISITOR =
            Visitor.from(new ClientOrigin(InetAddress.getLoopbackAddress(), false), false);

    static Stream<String> hostileTexts() {
        Random random = new Random(7);
        StringBuilder any = new StringBuilder();
        random.ints(LENGTH, 0, 0x10000).forEach(c -> any.append((char) c));
        StringBuilder signs = new StringBuilder();
        random.ints(LENGTH, 0, 40)
                .forEach(i -> signs.append("'\"`<>()[]{}&#%;:/*-=+|!\\,.@ on=ax0\0\n\t~^$".charAt(i)));
        return Stream.concat(
                Stream.of(
                                "a",
                                "'",
                                "\"",
                                "%",
                                "%2",
                                "%25",
                                "%u",
                                "%c0",
                                "%f4%8f%bf",
                                "/*",
                                "*/",
                                "/*!",
                                "/**/",
                                "--",
                                "#",
                                "<",
                                "< ",
                                "<a ",
                                "<a on",
                                "<a onx",
                                "\"' on",
                                "&",
                                "&#",
                                "&#0",
                                "&#x",
                                "&lt",
                                "&#60;",
                                "\\",
                                "\\u",
                                "\\u{",
                                "\\x3",
                                "(",
                                ")",
                                ";",
                                "@",
                                "1e",
                                "0x",
                                ".1",
                                "or ",
                                "' or ",
                                "union ",
                                "union(",
                                "select ",
                                "[",
                                "`",
                                "\0",
                                "\uD800",
                                "\uDC00",
                                "\uDC00\uD800",
                                "\uFFFD",
                                "\u0130",
                                "sleep ",
                                "x( ",
                                "javascript:",
                                "{{",
                                "${",
                                "style=",
                                "data:",
                                "a.",
                                "1,",
                                "\n",
                                " ",
                                "\n--",
                                "'\n")
                        .map(HostileTextTest::repeated),
                Stream.of(any.toString(), signs.toString()));
    }

    private static String repeated(String what) {
        return what.repeat(LENGTH / what.length());
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void eachTransformationTakesStepsInProportion(String text) {
        Transformation.NAMED.forEach((name, transformation) -> {
            CountedText counted = new CountedText(text);
            String transformed = transformation.of(counted);
            assertThat(counted.steps()).as(name).isLessThanOrEqualTo((long) STEPS_PER_CHARACTER * text.length());
            assertThat(transformed.length()).as(name).isLessThanOrEqualTo(3 * text.length() + 6);
        });
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void eachBuiltInRuleTakesStepsInProportion(String text) {
        for (Rule rule : RuleSet.builtIn().rules()) {
            String transformed = text;
            for (Transformation transformation : rule.transformations()) {
                transformed = transformation.of(transformed);
            }
            for (Pattern pattern : rule.patterns()) {
                CountedText counted = new CountedText(transformed);
                pattern.matcher(counted).find();
                assertThat(counted.steps()).as(rule.id()).isLessThanOrEqualTo(8L * transformed.length() + 16);
            }
        }
    }

    @Test
    void expressionsThatExplodeElsewhereDoNot() {
        for (String evil :
                List.of("((((a*)*)*)*)*b", "(a|a)*b", "(a|aa)+$", "(.*){1,20}[bc]", "^(([a-z])+.)+[A-Z]([a-z])+$")) {
            RuleSet rules = RuleSet.read(new StringReader("rule: r\ncategory: c\nscore: 5\nmatch: " + evil));
            CountedText counted = new CountedText(repeated("a"));
            rules.rules().get(0).patterns().get(0).matcher(counted).find();
            assertThat(counted.steps()).as(evil).isLessThanOrEqualTo(8L * LENGTH + 16);
        }
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void noMoreOfARequestIsInspectedThanAllowedWhereverItStands(String part) {
        String text = part.repeat(50);
        List<Integer> lengths = new ArrayList<>();
        Guard guard = Inspection.by(what -> {
                    lengths.add(what.text().length());
                    return List.of();
                })
                .characters(1_000)
                .bodies(1_000)
                .guard();
        for (FakeRequest request : List.of(
                FakeRequest.get("/" + text),
                FakeRequest.get("/?" + text),
                FakeRequest.get("/?q=" + text),
                FakeRequest.get("/").header("Referer", text),
                FakeRequest.get("/").header("Cookie", text),
                FakeRequest.get("/").header("Cookie", "a=" + text),
                FakeRequest.get("/").header("Content-Type", text))) {
            lengths.clear();
            Admission admission = guard.admit(request, VISITOR);
            assertThat(lengths.stream().mapToInt(length -> Math.max(4, length)).sum())
                    .isLessThanOrEqualTo(1_000 + 4);
            assertThat(admission).isInstanceOf(Admission.Admitted.class);
        }
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void noBodyDisturbsTheGuard(String text) {
        Guard guard = Inspection.by(Inspector.rules(RuleSet.builtIn()))
                .forms(2_000)
                .bodies(2_000)
                .guard();
        for (String type : List.of("application/x-www-form-urlencoded", "application/json", "text/plain", "")) {
            Permit permit = ((Admission.Admitted)
                            guard.admit(FakeRequest.get("/").header("Content-Type", type), VISITOR))
                    .permit()
                    .orElseThrow();
            byte[] body = (type.endsWith("json") ? "{\"a\":\"" + text : text).getBytes(StandardCharsets.UTF_8);
            assertThat(permit.requestBody(ByteBuffer.wrap(body, 0, permit.wantsRequestBody())))
                    .isEmpty();
        }
    }
}
