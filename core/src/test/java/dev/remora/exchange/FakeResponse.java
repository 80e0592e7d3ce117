package dev.remora.exchange;

import java.util.ArrayList;
import java.util.List;

/** The head of a response as a test describes it. */
public record FakeResponse(int status, List<String> fields) implements ResponseView {

    public FakeResponse(int status) {
        this(status, List.of());
    }

    public FakeResponse with(String name, String value) {
        List<String> more = new ArrayList<>(fields);
        more.add(name);
        more.add(value);
        return new FakeResponse(status, List.copyOf(more));
    }

    @Override
    public List<String> headers(String name) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                values.add(fields.get(i + 1));
            }
        }
        return values;
    }
}
