package dev.remora.health;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server that does with each connection what a test says, for as long as the other side stays. */
final class Misbehaving implements AutoCloseable {

    /** What is done with a connection; the end of it closes the connection. */
    interface Conduct {
        void serve(Socket socket) throws IOException;
    }

    final ServerSocket server;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final CountDownLatch left = new CountDownLatch(1);

    Misbehaving(Conduct conduct) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), conduct);
    }

    private Misbehaving(ServerSocket server, Conduct conduct) {
        this.server = server;
        daemon(() -> accept(conduct));
    }

    /** Sends nothing more, and waits until the other side has gone. */
    static void hang(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        while (in.read() >= 0) {
            // Whatever is said is not answered.
        }
    }

    /** Waits for the end of a request's head. */
    static void readHead(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        int lines = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            lines = b == '\n' ? lines + 1 : b == '\r' ? lines : 0;
            if (lines == 2) {
                return;
            }
        }
    }

    /** Says one text again and again. */
    static void repeat(Socket socket, String text) throws IOException {
        byte[] bytes = text.repeat(100).getBytes(StandardCharsets.ISO_8859_1);
        while (true) {
            socket.getOutputStream().write(bytes);
        }
    }

    static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    int port() {
        return server.getLocalPort();
    }

    /** Whether some connection ends in a while. */
    boolean isLeft() throws InterruptedException {
        return left.await(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void accept(Conduct conduct) {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                daemon(() -> serve(conduct, socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Conduct conduct, Socket socket) {
        try (socket) {
            conduct.serve(socket);
        } catch (IOException e) {
            // The other side has gone.
        }
        left.countDown();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "misbehaving");
        thread.setDaemon(true);
        thread.start();
    }
}
