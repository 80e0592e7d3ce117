package dev.remora.file;

import java.util.ArrayList;
import java.util.List;

/** Everything that is wrong with a file, by line; bounded, and safe to log whatever the file holds. Not thread-safe. */
final class Problems {

    private static final int MAX_SHOWN = 20;
    private static final int MAX_LENGTH = 300;

    private final List<String> shown = new ArrayList<>();
    private int count;

    void add(int line, String message) {
        count++;
        if (shown.size() < MAX_SHOWN) {
            shown.add("line " + line + ": " + printable(message));
        }
    }

    boolean none() {
        return count == 0;
    }

    BadFile asBadFile() {
        String all = String.join("; ", shown);
        return new BadFile(count > shown.size() ? all + "; and " + (count - shown.size()) + " more" : all);
    }

    private static String printable(String message) {
        String oneLine = message.replaceAll("\\p{Cntrl}", "?");
        return oneLine.length() > MAX_LENGTH ? oneLine.substring(0, MAX_LENGTH) + "..." : oneLine;
    }
}
