package dev.remora.relay;

import dev.remora.Lease;
import dev.remora.http.CompletionScanner;

/** Counts the tokens of one answer and tells its lease, once for each burst of what is read. */
final class TokenCount {

    private final CompletionScanner scanner = new CompletionScanner();
    private final Lease lease;
    private boolean news;

    TokenCount(Lease lease) {
        this.lease = lease;
    }

    CompletionScanner scanner() {
        return scanner;
    }

    /** A document has ended. */
    void ended() {
        scanner.ended();
        news = true;
    }

    /** Tells what has been used so far, if that has changed. */
    void tell() {
        if (news) {
            news = false;
            lease.used(scanner.usage());
        }
    }
}
