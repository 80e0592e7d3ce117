package dev.remora.examples.spring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A back end that says its name, and then what the test tells it, until it is stopped. */
final class AnsweringBackend implements AutoCloseable {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private static final String END = "";

    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();
    private final String name;
    private final HttpServer server;

    private AnsweringBackend(String name) throws IOException {
        this.name = name;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    static AnsweringBackend start(String name) {
        try {
            return new AnsweringBackend(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void say(String word) {
        words.add(word);
    }

    /** Ends the answer that it gives. */
    void stop() {
        words.add(END);
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            String word = name;
            while (word != null && !word.equals(END)) {
                out.write(("data: " + word + "\n\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
                word = words.poll(30, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody listens there any more. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
