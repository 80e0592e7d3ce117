package dev.remora.file;

import java.util.List;

/** A part of a document, and the line it begins on. */
sealed interface Value {

    int line();

    /** What a message calls it. */
    String shown();

    /**
     * A text, a number, true, false or null, as it is written.
     *
     * @param kind what the file's own grammar takes it for
     */
    record Scalar(int line, Kind kind, String text) implements Value {

        @Override
        public String shown() {
            return kind == Kind.TEXT ? '"' + text + '"' : text;
        }
    }

    /** A list. */
    record Items(int line, List<Value> values) implements Value {

        @Override
        public String shown() {
            return "a list";
        }
    }

    /** Names with their values, in the order of the file. */
    record Fields(int line, List<Field> fields) implements Value {

        @Override
        public String shown() {
            return "a mapping";
        }
    }

    /** A name with its value. */
    record Field(int line, String name, Value value) {}

    /** The kinds of scalars. */
    enum Kind {
        TEXT,
        WHOLE_NUMBER,
        FRACTION,
        BOOLEAN,
        NULL
    }
}
