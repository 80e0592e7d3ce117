package dev.remora.file;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A file that lists back ends, and the rules it has to follow. Immutable.
 *
 * @param path where it is, absolute
 * @param format how it is written
 */
record BackendFile(Path path, Format format) {

    /** How a file is written. */
    enum Format {
        JSON,
        YAML
    }

    static BackendFile of(Path path) {
        String name = path.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".json")) {
            return new BackendFile(path, Format.JSON);
        }
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return new BackendFile(path, Format.YAML);
        }
        throw new IllegalArgumentException("file: " + path + " (expected: a name that ends in .yaml, .yml or .json)");
    }

    /**
     * The back ends of one reading.
     *
     * @throws BadFile if anything is wrong with it
     */
    List<Backend> backends(Content content) throws BadFile {
        if (!content.trouble().isEmpty()) {
            throw new BadFile(content.trouble());
        }
        Problems problems = new Problems();
        String text = text(content.bytes());
        Value root = format == Format.JSON ? Document.json(text, problems) : Document.yaml(text, problems);
        List<Backend> backends = backends(root, problems);
        if (!problems.none()) {
            throw problems.asBadFile();
        }
        return backends;
    }

    private static String text(ByteBuffer bytes) throws BadFile {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.duplicate())
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new BadFile("it is not UTF-8");
        }
    }

    private static List<Backend> backends(Value root, Problems problems) {
        List<Backend> backends = new ArrayList<>();
        Map<BackendId, Integer> lines = new HashMap<>();
        for (Value item : items(root, problems)) {
            new BackendReader(problems).read(item).ifPresent(backend -> {
                Integer before = lines.putIfAbsent(backend.id(), item.line());
                if (before != null) {
                    problems.add(
                            item.line(), "id: " + backend.id() + " (expected: each id once, see line " + before + ")");
                }
                backends.add(backend);
            });
        }
        return backends;
    }

    private static List<Value> items(Value root, Problems problems) {
        List<Value> items = List.of();
        boolean found = false;
        if (root instanceof Value.Fields fields) {
            for (Value.Field field : fields.fields()) {
                if (!field.name().equals("backends")) {
                    problems.add(field.line(), field.name() + ": unknown (expected: backends)");
                } else if (field.value() instanceof Value.Items list) {
                    items = list.values();
                    found = true;
                } else {
                    problems.add(field.line(), "backends: " + field.value().shown() + " (expected: a list)");
                    found = true;
                }
            }
        }
        if (!found) {
            problems.add(root.line(), "backends: none (expected: backends, a list)");
        }
        return items;
    }
}
