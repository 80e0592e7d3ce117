package dev.remora.inspect;

import java.util.ArrayList;
import java.util.List;

/**
 * The texts of one request, as many as may be inspected; the first come first. A short text counts for more than its
 * length, since it costs more. Owned by one thread.
 */
final class RequestTexts {

    private static final int LEAST_COST = 4;

    private final List<Inspected> texts = new ArrayList<>();
    private int left;
    private int truncated;

    RequestTexts(int most) {
        this.left = most;
    }

    List<Inspected> texts() {
        return texts;
    }

    /** How many characters were left out. */
    int truncated() {
        return truncated;
    }

    void leaveOut(int characters) {
        truncated += characters;
    }

    void target(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        add(Place.PATH, "", PercentDecoding.decoded(cut(path), false));
        if (query >= 0) {
            parameters(Place.QUERY, target.substring(query + 1));
        }
    }

    void header(String name, String value) {
        add(Place.HEADER, name, cut(value));
    }

    void cookies(String header) {
        for (String cookie : split(cut(header), ';')) {
            int equals = cookie.indexOf('=');
            String name = equals < 0 ? "" : cookie.substring(0, equals).strip();
            add(Place.COOKIE, name, cookie.substring(equals + 1).strip());
        }
    }

    /** Names and values as forms and queries write them. */
    void parameters(Place place, String all) {
        for (String pair : split(cut(all), '&')) {
            int equals = pair.indexOf('=');
            String name = PercentDecoding.decoded(equals < 0 ? pair : pair.substring(0, equals), true);
            add(place, name, name);
            if (equals >= 0) {
                add(place, name, PercentDecoding.decoded(pair.substring(equals + 1), true));
            }
        }
    }

    void body(String text) {
        add(Place.BODY, "", cut(text));
    }

    /** The strings of a text in JSON, which need not be all of it. */
    void json(String text) {
        new JsonStrings(cut(text)).forEach((name, string) -> add(Place.BODY, name, string));
    }

    // Before anything is decoded, so that what is beyond costs nothing.
    private String cut(String text) {
        if (text.length() <= left) {
            return text;
        }
        truncated += text.length() - left;
        return text.substring(0, left);
    }

    private void add(Place place, String name, String text) {
        if (text.isEmpty()) {
            return;
        }
        int taken = Math.min(left, text.length());
        truncated += text.length() - taken;
        if (taken > 0) {
            texts.add(new Inspected(place, name, text.substring(0, taken)));
        }
        left = Math.max(0, left - Math.max(LEAST_COST, taken));
    }

    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, start)) {
            parts.add(text.substring(start, end));
            start = end + 1;
        }
        parts.add(text.substring(start));
        return parts;
    }
}
