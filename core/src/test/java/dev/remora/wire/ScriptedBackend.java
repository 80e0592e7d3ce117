package dev.remora.wire;

import dev.remora.pool.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A back end that does to each connection what a script says, on a thread of its own. */
public final class ScriptedBackend implements AutoCloseable {

    private final String name;
    // Keeps the port for a back end that is killed and comes back: bound, but deaf.
    private final Socket address;
    private final ServerSocket server;
    private final Set<Wire> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();

    private ScriptedBackend(String name, int port) {
        this.name = name;
        try {
            this.address = new Socket();
            address.setReuseAddress(true);
            address.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            this.server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(address.getLocalSocketAddress(), 512);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What happens on one connection. */
    public interface Script {
        void play(Wire client) throws Exception;
    }

    public static ScriptedBackend start(String name, Script script) {
        return start(name, Wire::new, script);
    }

    /** A back end that wraps its connections, for example in TLS. */
    public static ScriptedBackend start(String name, Function<Socket, Wire> wrapping, Script script) {
        return start(new ScriptedBackend(name, 0), wrapping, script);
    }

    /** A back end that was killed comes back at its address. */
    public static ScriptedBackend restarting(ScriptedBackend killed, Script script) {
        return start(new ScriptedBackend(killed.name, killed.port()), Wire::new, script);
    }

    private static ScriptedBackend start(ScriptedBackend backend, Function<Socket, Wire> wrapping, Script script) {
        Thread acceptor = new Thread(() -> backend.accept(wrapping, script), backend.name);
        acceptor.setDaemon(true);
        acceptor.start();
        return backend;
    }

    /** A back end that answers every request on a connection. */
    public static ScriptedBackend answering(String name, Script each) {
        return start(name, client -> {
            while (true) {
                each.play(client);
            }
        });
    }

    private void accept(Function<Socket, Wire> wrapping, Script script) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                Thread player = new Thread(() -> play(script, wrapping, socket), name + " connection");
                player.setDaemon(true);
                player.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void play(Script script, Function<Socket, Wire> wrapping, Socket socket) {
        try (Wire client = wrapping.apply(socket)) {
            open.add(client);
            // A thread that waits in accept may still bring a connection after the socket was closed.
            if (server.isClosed()) {
                client.reset();
                return;
            }
            script.play(client);
        } catch (Exception | AssertionError e) {
            // The other side went away: what a test wants to know it asks for.
        }
    }

    public Backend backend() {
        return Backend.of(name, "http://127.0.0.1:" + port());
    }

    public int port() {
        return server.getLocalPort();
    }

    /** How many connections were ever accepted. */
    public int connections() {
        return connections.get();
    }

    /** Refuses connections and resets those that are open, as the kernel does for a process that was killed. */
    public void kill() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(Wire::reset);
    }

    @Override
    public void close() {
        kill();
        try {
            address.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
