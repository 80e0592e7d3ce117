package dev.remora.servlet;

import static java.lang.invoke.MethodType.methodType;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Optional;

/** What Servlet 6.1 has and 6.0, against which this is compiled, has not. */
final class Servlet61 {

    private static final Optional<MethodHandle> SEND_REDIRECT =
            find("sendRedirect", String.class, int.class, boolean.class);

    private Servlet61() {}

    /**
     * {@code response.sendRedirect(location, status, clearBuffer)}.
     *
     * @throws UnsupportedOperationException in a container of Servlet 6.0, where nobody can call it either
     */
    static void sendRedirect(HttpServletResponse response, String location, int status, boolean clearBuffer)
            throws IOException {
        MethodHandle method = SEND_REDIRECT.orElseThrow(
                () -> new UnsupportedOperationException("sendRedirect with a status (expected: Servlet 6.1)"));
        try {
            method.invokeExact(response, location, status, clearBuffer);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("sendRedirect declares no such exception", e);
        }
    }

    private static Optional<MethodHandle> find(String name, Class<?>... parameters) {
        try {
            return Optional.of(MethodHandles.publicLookup()
                    .findVirtual(HttpServletResponse.class, name, methodType(void.class, parameters)));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return Optional.empty();
        }
    }
}
