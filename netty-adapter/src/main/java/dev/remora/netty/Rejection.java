package dev.remora.netty;

import dev.remora.http.Problem;

/**
 * A message that breaks the rules of HTTP or a limit. From the decoder it travels as the cause of a failed
 * {@code DecoderResult}. It is no fault of the program, so it has no stack trace.
 */
final class Rejection extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    private Rejection(Problem problem) {
        super(problem.status() + " " + problem.title() + ": " + problem.detail(), null, false, false);
        this.problem = problem;
    }

    static Rejection badRequest(String detail) {
        return of(400, "Bad request", detail);
    }

    static Rejection of(int status, String title, String detail) {
        return new Rejection(Problem.of(status, title, detail));
    }

    /** The answer to the one who sent the message. */
    Problem problem() {
        return problem;
    }
}
