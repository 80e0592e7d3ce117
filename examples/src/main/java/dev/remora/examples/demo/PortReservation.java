package dev.remora.examples.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the port of a stopped back end for its restart: a socket that is bound and does not listen. Connecting to the
 * port is refused, as it should be, and nobody else is given it meanwhile.
 */
final class PortReservation implements AutoCloseable {

    private final SocketChannel socket;

    private PortReservation(SocketChannel socket) {
        this.socket = socket;
    }

    /** Holds the port, or nothing while it is in use. */
    static @Nullable PortReservation tryHold(int port) {
        try {
            SocketChannel socket = SocketChannel.open();
            try {
                socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return new PortReservation(socket);
            } catch (IOException e) {
                socket.close();
                return null;
            }
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // The socket is gone either way.
        }
    }
}
