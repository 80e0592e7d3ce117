package dev.remora.file;

/** Says everything that is wrong with a file, in one line. */
final class BadFile extends Exception {

    private static final long serialVersionUID = 1;

    BadFile(String message) {
        super(message);
    }
}
