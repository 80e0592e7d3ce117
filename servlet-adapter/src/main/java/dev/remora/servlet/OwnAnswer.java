package dev.remora.servlet;

import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** An answer of the gateway itself. */
final class OwnAnswer {

    private OwnAnswer() {}

    /** Writes a problem to a response that is not committed. */
    static void write(Problem problem, HeaderEdits headers, HttpServletResponse response) throws IOException {
        prepare(problem, headers, response);
        writeBody(problem, response);
    }

    /** Sets what the head says whatever the body is. */
    static void prepare(Problem problem, HeaderEdits headers, HttpServletResponse response) {
        response.setStatus(problem.status());
        headers.applyTo(new ServletHead(response, problem.status()));
        problem.retryAfterSeconds().ifPresent(seconds -> response.setHeader("Retry-After", seconds));
        response.setHeader("Cache-Control", "no-store");
    }

    /** Writes the problem as the body of a response that was prepared. */
    static void writeBody(Problem problem, HttpServletResponse response) throws IOException {
        byte[] body = problem.json();
        response.setContentType(Problem.MEDIA_TYPE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
