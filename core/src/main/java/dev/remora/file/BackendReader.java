package dev.remora.file;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes one back end of its properties, and notes everything that is wrong with them. Not thread-safe. */
final class BackendReader {

    private static final String PROPERTIES = "id, uri, weight, maxStreams, draining, zone, metadata";

    private final Problems problems;

    // Collects what is not the identity and the address.
    private Backend rest = Backend.of("none", "http://none");
    private Optional<BackendId> id = Optional.empty();
    private Optional<URI> uri = Optional.empty();

    BackendReader(Problems problems) {
        this.problems = problems;
    }

    /** A back end, unless something is wrong with it. */
    Optional<Backend> read(Value value) {
        if (!(value instanceof Value.Fields fields)) {
            problems.add(value.line(), "back end: " + value.shown() + " (expected: id, uri and so on)");
            return Optional.empty();
        }
        fields.fields().forEach(this::property);
        require("id", fields);
        require("uri", fields);
        if (id.isEmpty() || uri.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Backend(
                id.get(), uri.get(), rest.weight(), rest.maxStreams(), rest.draining(), rest.zone(), rest.metadata()));
    }

    private void require(String name, Value.Fields fields) {
        if (fields.fields().stream().noneMatch(field -> field.name().equals(name))) {
            problems.add(fields.line(), name + ": none (expected: every back end has one)");
        }
    }

    private void property(Value.Field field) {
        switch (field.name()) {
            case "id" -> id = text(field).flatMap(text -> checked(field, () -> new BackendId(text)));
            case "uri" ->
                uri = text(field)
                        .flatMap(text ->
                                checked(field, () -> Backend.of("none", text).uri()));
            case "weight" -> number(field).ifPresent(n -> change(field, () -> rest.withWeight(n)));
            case "maxStreams" -> number(field).ifPresent(n -> change(field, () -> rest.withMaxStreams(n)));
            case "draining" -> flag(field).ifPresent(yes -> change(field, () -> rest.withDraining(yes)));
            case "zone" -> text(field).ifPresent(zone -> change(field, () -> rest.withZone(zone)));
            case "metadata" -> change(field, () -> rest.withMetadata(metadata(field)));
            default -> problems.add(field.line(), field.name() + ": unknown (expected: one of " + PROPERTIES + ")");
        }
    }

    private void change(Value.Field field, Supplier<Backend> changed) {
        checked(field, changed).ifPresent(backend -> rest = backend);
    }

    private <T> Optional<T> checked(Value.Field field, Supplier<T> value) {
        try {
            return Optional.of(value.get());
        } catch (IllegalArgumentException e) {
            problems.add(field.line(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    // What looks like a number or like true is a text where a text is asked for: an id of 1 needs no quotes.
    private Optional<String> text(Value.Field field) {
        if (field.value() instanceof Value.Scalar scalar && scalar.kind() != Value.Kind.NULL) {
            return Optional.of(scalar.text());
        }
        return wrong(field, "a text");
    }

    private Optional<Integer> number(Value.Field field) {
        if (field.value() instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.WHOLE_NUMBER) {
            try {
                return Optional.of(Integer.parseInt(scalar.text()));
            } catch (NumberFormatException e) {
                return wrong(field, "a whole number, at most " + Integer.MAX_VALUE);
            }
        }
        return wrong(field, "a whole number");
    }

    private Optional<Boolean> flag(Value.Field field) {
        if (field.value() instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.BOOLEAN) {
            return Optional.of(Boolean.parseBoolean(scalar.text()));
        }
        return wrong(field, "true or false");
    }

    private Map<String, String> metadata(Value.Field field) {
        if (!(field.value() instanceof Value.Fields fields)) {
            wrong(field, "names with texts");
            return Map.of();
        }
        Map<String, String> texts = new HashMap<>();
        fields.fields().forEach(entry -> text(entry).ifPresent(text -> texts.put(entry.name(), text)));
        return texts;
    }

    private <T> Optional<T> wrong(Value.Field field, String expected) {
        problems.add(field.line(), field.name() + ": " + field.value().shown() + " (expected: " + expected + ")");
        return Optional.empty();
    }
}
