package dev.remora.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Headers in a map. */
public final class FakeHeaders implements Headers {

    private final Map<String, List<String>> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    public FakeHeaders with(String name, String value) {
        add(name, value);
        return this;
    }

    @Override
    public Set<String> names() {
        return Set.copyOf(values.keySet());
    }

    @Override
    public List<String> values(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    @Override
    public void add(String name, String value) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    @Override
    public void remove(String name) {
        values.remove(name);
    }
}
