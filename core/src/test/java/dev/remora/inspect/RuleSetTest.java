package dev.remora.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleSetTest {

    private static final String TRAVERSAL = """
            # Out of the house.
            rule: traversal
            category: files
            in: path query
            transform: percent*2 lower
            needs: ../ ..\\
            match: \\.\\.[/\\\\].*passwd
            match: (\\.\\.[/\\\\]){3}
            score: 4
            """;

    private static RuleSet read(String text) {
        return RuleSet.read(new StringReader(text));
    }

    private static List<Finding> found(RuleSet rules, Place place, String text) {
        return Inspector.rules(rules).inspect(new Inspected(place, "", text));
    }

    @Test
    void aRuleOfOnesOwnFindsWhatItMatches() {
        RuleSet rules = read(TRAVERSAL);
        Finding finding = new Finding("traversal", "files", Place.PATH, 4);
        assertThat(found(rules, Place.PATH, "/..%252fetc/PASSWD")).containsExactly(finding);
        assertThat(found(rules, Place.PATH, "/..\\..\\..\\x")).containsExactly(finding);
        assertThat(found(rules, Place.PATH, "/etc/passwd")).isEmpty();
        assertThat(found(rules, Place.HEADER, "/../etc/passwd")).isEmpty();
    }

    @Test
    void whatIsNeededIsLookedForFirst() {
        RuleSet rules = read("rule: r\ncategory: c\nneeds: x y\nmatch: a\nscore: 1\n");
        assertThat(found(rules, Place.BODY, "ay")).hasSize(1);
        assertThat(found(rules, Place.BODY, "a")).isEmpty();
    }

    @Test
    void emptyLinesAndANewIdEndARule() {
        assertThat(read(TRAVERSAL
                                + "\n\nrule: b\ncategory: c\nmatch: x\nscore: 1\nrule: c\ncategory: c\nmatch: x\nscore: 1")
                        .ids())
                .containsExactly("traversal", "b", "c");
    }

    @Test
    void rulesAreAddedAndTakenAway() {
        RuleSet both = RuleSet.builtIn().and(read(TRAVERSAL));
        assertThat(both.ids()).contains("traversal", "sqli-union", "xss-script");
        assertThat(both.without("sqli-union").ids())
                .doesNotContain("sqli-union")
                .contains("traversal");
        assertThatIllegalArgumentException().isThrownBy(() -> both.without("nope"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> both.and(read(TRAVERSAL)))
                .withMessage("rule: traversal (expected: once)");
    }

    @Test
    void aFileIsRead(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("my.rules"), TRAVERSAL);
        assertThat(RuleSet.read(file).ids()).containsExactly("traversal");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense                                   | line 1: nonsense (expected: name: value)",
                "score: 3                                   | line 1: score (expected: rule, first)",
                "rule:                                      | line 1: rule: \"\" (expected: a value)",
                "rule: r;colour: red                        | line 2: colour (expected: rule, category, in, transform, needs, match or score)",
                "rule: r;in: moon                           | line 2: in: moon (expected: path, query, header, cookie, form or body)",
                "rule: r;score: many                        | line 2: score: many (expected: a number)",
                "rule: r;match: (                           | line 2: match: ( (expected: RE2 syntax)",
                "rule: r;match: (a)\\1                      | line 2: match: (a)\\1 (expected: RE2 syntax)",
                "rule: r;match: (a{100}){100}               | line 2: match: (a{100}){100} (expected: a smaller expression)",
                "rule: r;match: a;score: 5                  | line 3: category: none (expected: one in rule r)",
                "rule: r;category: c;score: 5               | line 3: match: none (expected: at least one)",
                "rule: r;category: c;match: a               | line 3: score: 0 (expected: 1 to 100)",
                "rule: r;category: c;match: a;score: 101    | line 4: score: 101 (expected: 1 to 100)"
            })
    void whatIsNoRuleIsRefusedWithItsPlace(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(text.replace(';', '\n')))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"rot13", "percent*0", "percent*5", "percent*x"})
    void unknownTransformationsAreRefused(String transformation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("rule: r\ntransform: " + transformation))
                .withMessageStartingWith("line 2: transform: ");
    }
}
