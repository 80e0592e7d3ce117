package dev.remora.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.pool.Backend;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendFileTest {

    private static final String ONE = "backends:\n  - {id: a, uri: http://chat}\n";

    private static List<Backend> parse(String name, String text) throws BadFile {
        return parse(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Backend> parse(String name, byte[] bytes) throws BadFile {
        return BackendFile.of(Path.of(name)).backends(new Content(ByteBuffer.wrap(bytes), ""));
    }

    @Test
    void everyPropertyIsRead() throws BadFile {
        Backend whole = Backend.of("lobe1", "https://10.0.0.1:3210")
                .withWeight(2)
                .withMaxStreams(200)
                .withDraining(true)
                .withZone("eu-1")
                .withMetadata(Map.of("model", "large", "gpus", "8"));
        String yaml = """
                # the large ones
                backends:
                  - id: lobe1
                    uri: https://10.0.0.1:3210
                    weight: 2
                    maxStreams: 200
                    draining: true
                    zone: eu-1
                    metadata: {model: large, gpus: 8}
                  - id: 7
                    uri: http://10.0.0.2
                """;
        String json = """
                {"backends": [
                  {"id": "lobe1", "uri": "https://10.0.0.1:3210", "weight": 2, "maxStreams": 200, "draining": true,
                   "zone": "eu-1", "metadata": {"model": "large", "gpus": 8}},
                  {"id": 7, "uri": "http://10.0.0.2"}
                ]}""";
        assertThat(parse("x.yaml", yaml)).containsExactly(whole, Backend.of("7", "http://10.0.0.2"));
        assertThat(parse("x.yml", "\ufeff" + json)).as("YAML holds JSON").hasSize(2);
        assertThat(parse("x.JSON", json)).containsExactly(whole, Backend.of("7", "http://10.0.0.2"));
    }

    @Test
    void anEmptyPoolIsSaidInSoManyWords() throws BadFile {
        assertThat(parse("x.yaml", "backends: []")).isEmpty();
        assertThat(parse("x.json", "{\"backends\": []}")).isEmpty();
    }

    @Test
    void anAnchorThatNobodyRefersToIsHarmless() throws BadFile {
        assertThat(parse("x.yaml", "backends: &all\n  - &a {id: a, uri: http://chat}\n"))
                .hasSize(1);
    }

    static Stream<Arguments> badYaml() {
        String longId = "x".repeat(200);
        return Stream.of(
                Arguments.of("", "line 1: nothing (expected: backends, a list)"),
                Arguments.of("# only words\n", "line 1: nothing (expected: backends, a list)"),
                Arguments.of("- id: a\n", "line 1: backends: none (expected: backends, a list)"),
                Arguments.of("hello", "line 1: backends: none (expected: backends, a list)"),
                Arguments.of("backends:\n", "line 1: backends: \"\" (expected: a list)"),
                Arguments.of(
                        "servers: []\n",
                        "line 1: servers: unknown (expected: backends); line 1: backends: none"
                                + " (expected: backends, a list)"),
                Arguments.of("backends:\n  - a\n", "line 2: back end: \"a\" (expected: id, uri and so on)"),
                Arguments.of("backends:\n  - id: a\n", "line 2: uri: none (expected: every back end has one)"),
                Arguments.of(
                        ONE + "  - id: a\n    uri: http://b\n", "line 3: id: a (expected: each id once, see line 2)"),
                Arguments.of(
                        "backends:\n  - id: a\n    uri: http://chat/path\n",
                        "line 3: uri: http://chat/path (expected: http://host:port or https://host:port, without path)"),
                Arguments.of(
                        ONE + "    \n  - {id: b, uri: 'http://b', wieght: 2}",
                        "line 4: wieght: unknown (expected:"
                                + " one of id, uri, weight, maxStreams, draining, zone, metadata)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b',\n weight: 0}",
                        "line 4: weight: 0 (expected: 1 to" + " 1000000)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', weight: '2'}",
                        "line 3: weight: \"2\" (expected: a whole" + " number)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', weight: 1.5}",
                        "line 3: weight: 1.5 (expected: a whole" + " number)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', maxStreams: 99999999999}",
                        "line 3: maxStreams:" + " 99999999999 (expected: a whole number, at most 2147483647)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', draining: maybe}",
                        "line 3: draining: \"maybe\"" + " (expected: true or false)"),
                Arguments.of(ONE + "  - {id: b, uri: 'http://b', zone: null}", "line 3: zone: null (expected: a text)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', zone: [a]}", "line 3: zone: a list (expected: a text)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', metadata: fast}",
                        "line 3: metadata: \"fast\" (expected:" + " names with texts)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: 'http://b', metadata: {a: {}}}",
                        "line 3: a: a mapping (expected: a" + " text)"),
                Arguments.of(
                        ONE + "  - {id: b, id: c, uri: 'http://b'}",
                        "line 3: id: again (expected: each property" + " once)"),
                Arguments.of(
                        ONE + "  - {id: " + longId + ", uri: 'http://b'}",
                        "line 3: backend id: \"" + "x".repeat(40)
                                + "...\" (expected: 1 to 128 visible ASCII characters)"),
                Arguments.of(ONE + "---\nbackends: []\n", "line 4: more after the end (expected: one document)"),
                Arguments.of(
                        "backends:\n  - &a {id: a, uri: 'http://a'}\n  - *a\n",
                        "line 3: alias: *a (expected: the values themselves)"),
                Arguments.of(
                        "a".repeat(3) + ": [[[[[[[[[[1]]]]]]]]]]",
                        "line 1: nesting: deeper than 8 (expected: a list of back ends)"),
                Arguments.of(
                        ONE + "  - {id: \"b\\n\\e[31m\", uri: 'http://b'}",
                        "line 3: backend id: \"b??[31m\" (expected: 1 to 128 visible ASCII characters)"),
                Arguments.of(
                        ONE + "  - {id: b, uri: \"http://b\\n\"}",
                        "line 3: uri: http://b? (expected:" + " http://host:port or https://host:port, without path)"));
    }

    @ParameterizedTest
    @MethodSource("badYaml")
    void whatIsWrongIsSaidWithItsLine(String yaml, String message) {
        assertThatThrownBy(() -> parse("x.yaml", yaml))
                .isInstanceOf(BadFile.class)
                .hasMessage(message);
    }

    @Test
    void aWrongGrammarIsSaidWithItsLine() {
        assertThatThrownBy(() -> parse("x.yaml", "backends:\n  - {id: a, uri: http://chat\n"))
                .hasMessage("line 3: while parsing a flow mapping, expected ',' or '}', but got <stream end>");
        assertThatThrownBy(() -> parse("x.yaml", "backends:\n\t- id: a\n"))
                .hasMessageStartingWith("line 2: while scanning for the next token, found character '\\t(TAB)'");
        assertThatThrownBy(() -> parse("x.json", "{\"backends\": [\n{\"id\": \"a\", }]}"))
                .hasMessageStartingWith("line 2: Unexpected character ('}'");
        assertThatThrownBy(() -> parse("x.json", "{\"backends\": [\n{\"id\": \"a\", \n"))
                .hasMessageStartingWith("line 3: Unexpected end-of-input");
        assertThatThrownBy(() -> parse("x.json", "{\"backends\": []} []"))
                .hasMessage("line 1: more after the end (expected: one document)");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnceUpToABound() {
        String three = "backends:\n  - id: a b\n    uri: chat\n    weight: 0\n";
        assertThatThrownBy(() -> parse("x.yaml", three))
                .hasMessage(
                        "line 2: backend id: \"a b\" (expected: 1 to 128 visible ASCII characters); line 3: uri: chat"
                                + " (expected: http://host:port or https://host:port, without path); line 4: weight: 0"
                                + " (expected: 1 to 1000000)");
        assertThatThrownBy(() -> parse("x.yaml", "backends:\n" + "  - 1\n".repeat(1000)))
                .message()
                .hasSizeLessThan(2000)
                .endsWith("line 21: back end: 1 (expected: id, uri and so on); and 980 more");
    }

    @Test
    void aFileThatWouldUnfoldIntoBillionsOfValuesIsRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (int i = 1; i < 10; i++) {
            String before = "*a" + (i - 1);
            bomb.append("a%d: &a%d [%s]%n".formatted(i, i, String.join(", ", List.of(before, before, before, before))));
        }
        assertThatThrownBy(() -> parse("x.yaml", bomb.toString()))
                .hasMessage("line 2: alias: *a0 (expected: the values themselves)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? "})
    void aFileThatIsNestedMillionsOfTimesIsRefused(String opening) {
        assertThatThrownBy(() -> parse("x.yaml", opening.repeat(500_000))).isInstanceOf(BadFile.class);
        assertThatThrownBy(() -> parse("x.json", "[".repeat(2_000_000)))
                .hasMessage("line 1: nesting: deeper than 8 (expected: a list of back ends)");
    }

    @Test
    void aFileThatIsNoTextIsRefused() {
        assertThatThrownBy(() -> parse("x.yaml", new byte[] {(byte) 0xff, 0, 1}))
                .hasMessage("it is not UTF-8");
    }

    @Test
    void aNameThatTellsNoFormatIsRefused() {
        assertThatThrownBy(() -> FileSource.of(Path.of("/etc/backends.conf")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("file: /etc/backends.conf (expected: a name that ends in .yaml, .yml or .json)");
    }
}
