package dev.remora.dns;

/** A question that brought no records. */
final class LookupFailed extends Exception {

    private static final long serialVersionUID = 1;

    private final boolean absent;

    private LookupFailed(String message, boolean absent) {
        super(message);
        this.absent = absent;
    }

    /** DNS says that there is nothing. */
    static LookupFailed absent(String message) {
        return new LookupFailed(message, true);
    }

    /** DNS says nothing that can be used. */
    static LookupFailed broken(String message) {
        return new LookupFailed(message, false);
    }

    boolean isAbsent() {
        return absent;
    }
}
