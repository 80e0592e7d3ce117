package dev.remora.http;

/**
 * A message that breaks the rules of HTTP or a limit, with the answer that its sender deserves. It is no fault of the
 * program, so it has no stack trace.
 */
public final class Rejection extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    private Rejection(Problem problem) {
        super(problem.status() + " " + problem.title() + ": " + problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** A rejection with status 400. */
    public static Rejection badRequest(String detail) {
        return of(400, "Bad request", detail);
    }

    /** A rejection with a status of its own, 400 to 599. */
    public static Rejection of(int status, String title, String detail) {
        return new Rejection(Problem.of(status, title, detail));
    }

    /** The answer to the one who sent the message. */
    public Problem problem() {
        return problem;
    }
}
