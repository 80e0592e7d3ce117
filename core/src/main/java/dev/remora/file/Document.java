package dev.remora.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads a document with the line of each part, which Jackson's data binding would forget. What it holds is in proportion
 * to the file: nesting is bounded, and YAML's aliases, by which a few lines can mean billions, are refused. Not
 * thread-safe.
 */
final class Document implements AutoCloseable {

    // A back end's metadata lies 4 deep.
    private static final int MAX_DEPTH = 8;

    private static final Pattern PLACE = Pattern.compile("^ in .*, line (\\d{1,9}), column \\d+:", Pattern.MULTILINE);

    private final JsonParser parser;
    private final Problems problems;

    private Document(JsonParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /**
     * Reads a whole document.
     *
     * @param problems takes what is wrong beside the grammar
     * @throws BadFile if it does not follow the grammar
     */
    static Value json(String text, Problems problems) throws BadFile {
        return read(JsonFactory.builder().build(), text, problems);
    }

    /** The same for YAML. */
    static Value yaml(String text, Problems problems) throws BadFile {
        return read(YAMLFactory.builder().build(), text, problems);
    }

    private static Value read(JsonFactory factory, String text, Problems problems) throws BadFile {
        try (Document document = new Document(factory.createParser(text), problems)) {
            return document.whole();
        } catch (JsonProcessingException e) {
            throw bad(line(e), essence(String.valueOf(e.getOriginalMessage())));
        } catch (IOException e) {
            throw bad(1, String.valueOf(e.getMessage()));
        }
    }

    private Value whole() throws IOException, BadFile {
        if (parser.nextToken() == null) {
            throw bad(1, "nothing (expected: backends, a list)");
        }
        Value value = value(1);
        if (parser.nextToken() != null) {
            throw bad(line(), "more after the end (expected: one document)");
        }
        return value;
    }

    private Value value(int depth) throws IOException, BadFile {
        int line = line();
        if (depth > MAX_DEPTH) {
            throw bad(line, "nesting: deeper than " + MAX_DEPTH + " (expected: a list of back ends)");
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return new Value.Fields(line, fields(depth));
        }
        if (token == JsonToken.START_ARRAY) {
            return new Value.Items(line, items(depth));
        }
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw bad(line, "alias: *" + parser.getText() + " (expected: the values themselves)");
        }
        return new Value.Scalar(line, kind(token), parser.getText());
    }

    private List<Value.Field> fields(int depth) throws IOException, BadFile {
        List<Value.Field> fields = new ArrayList<>();
        Set<String> names = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int line = line();
            String name = parser.currentName();
            if (!names.add(name)) {
                problems.add(line, name + ": again (expected: each property once)");
            }
            parser.nextToken();
            fields.add(new Value.Field(line, name, value(depth + 1)));
        }
        return List.copyOf(fields);
    }

    private List<Value> items(int depth) throws IOException, BadFile {
        List<Value> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            values.add(value(depth + 1));
        }
        return List.copyOf(values);
    }

    private static Value.Kind kind(JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT -> Value.Kind.WHOLE_NUMBER;
            case VALUE_NUMBER_FLOAT -> Value.Kind.FRACTION;
            case VALUE_TRUE, VALUE_FALSE -> Value.Kind.BOOLEAN;
            case VALUE_NULL -> Value.Kind.NULL;
            default -> Value.Kind.TEXT;
        };
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static BadFile bad(int line, String message) {
        Problems one = new Problems();
        one.add(line, message);
        return one.asBadFile();
    }

    // What YAML's scanner does not understand comes with the place of the token before, and tells its own in the
    // message.
    private static int line(JsonProcessingException e) {
        int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
        Matcher own = PLACE.matcher(String.valueOf(e.getOriginalMessage()));
        while (own.find()) {
            line = Integer.parseInt(own.group(1));
        }
        return line;
    }

    // A YAML message shows the text around the fault, indented, on lines of their own.
    private static String essence(String message) {
        return message.lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
