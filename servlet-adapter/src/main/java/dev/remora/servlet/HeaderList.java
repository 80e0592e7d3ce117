package dev.remora.servlet;

import dev.remora.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** The headers of a message in their order, as a copy of somebody's. Not thread-safe. */
final class HeaderList implements Headers {

    private final List<String> names;
    private final List<String> values;

    HeaderList() {
        this(List.of(), List.of());
    }

    private HeaderList(List<String> names, List<String> values) {
        this.names = new ArrayList<>(names);
        this.values = new ArrayList<>(values);
    }

    HeaderList copy() {
        return new HeaderList(names, values);
    }

    @Override
    public Set<String> names() {
        Set<String> distinct = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        distinct.addAll(names);
        return distinct;
    }

    @Override
    public List<String> values(String name) {
        List<String> found = new ArrayList<>(1);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                found.add(values.get(i));
            }
        }
        return found;
    }

    @Override
    public void add(String name, String value) {
        names.add(name);
        values.add(value);
    }

    @Override
    public void remove(String name) {
        for (int i = names.size() - 1; i >= 0; i--) {
            if (names.get(i).equalsIgnoreCase(name)) {
                names.remove(i);
                values.remove(i);
            }
        }
    }

    /** Whether all values are ASCII, as names always are. */
    boolean isAscii() {
        for (String value : values) {
            if (!isAscii(value)) {
                return false;
            }
        }
        return true;
    }

    static boolean isAscii(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** How long names and values are together. */
    int characters() {
        int count = 0;
        for (int i = 0; i < names.size(); i++) {
            count += names.get(i).length() + values.get(i).length();
        }
        return count;
    }

    void forEach(BiConsumer<String, String> header) {
        for (int i = 0; i < names.size(); i++) {
            header.accept(names.get(i), values.get(i));
        }
    }
}
