package dev.remora.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How much the built-in rules find, and how often they are wrong. The lines that end in {@code -unseen} were written after
 * the rules, and no rule was changed for them: what they show is nearer to the truth.
 */
class CorpusTest {

    private static final int SURE = 5;

    private final Inspector inspector = Inspector.rules(RuleSet.builtIn());

    @ParameterizedTest
    @CsvSource({"sqli, 150, 0.95", "xss, 150, 0.95", "sqli-unseen, 60, 0.8", "xss-unseen, 60, 0.9"})
    void mostAttacksAreFound(String corpus, int atLeast, double share) {
        List<String> attacks = lines(corpus);
        List<String> missed =
                attacks.stream().filter(attack -> score(attack) < SURE).toList();
        System.out.printf(
                "%s: %d of %d found, missed: %s%n", corpus, attacks.size() - missed.size(), attacks.size(), missed);
        assertThat(attacks).hasSizeGreaterThanOrEqualTo(atLeast);
        assertThat((double) missed.size() / attacks.size())
                .as("missed: %s", missed)
                .isLessThanOrEqualTo(1 - share);
    }

    @ParameterizedTest
    @CsvSource({"benign, 300, 0.01", "benign-unseen, 90, 0.05"})
    void harmlessTextsPass(String corpus, int atLeast, double share) {
        List<String> benign = lines(corpus);
        List<String> wrong = benign.stream()
                .filter(text -> score(text) >= SURE)
                .map(text -> text + " " + inspector.inspect(new Inspected(Place.QUERY, "q", text)))
                .toList();
        System.out.printf("%s: %d of %d suspected: %s%n", corpus, wrong.size(), benign.size(), wrong);
        assertThat(benign).hasSizeGreaterThanOrEqualTo(atLeast);
        assertThat((double) wrong.size() / benign.size()).as("wrong: %s", wrong).isLessThanOrEqualTo(share);
    }

    private int score(String text) {
        return inspector.inspect(new Inspected(Place.QUERY, "q", text)).stream()
                .mapToInt(Finding::score)
                .sum();
    }

    private static List<String> lines(String corpus) {
        try (InputStream in = CorpusTest.class.getResourceAsStream(corpus + ".txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
