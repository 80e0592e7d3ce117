package dev.remora.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;

/**
 * Finds ports for servers: below those that the system gives to clients, so that a stopped server's stays free for its
 * restart, and with a free one for the cluster's bus. Another process may still be faster; then the server does not start.
 */
final class RedisPorts {

    private static final int FIRST = 10_000;
    private static final int BUS = 10_000;
    private static final int COUNT = 12_000;

    private static final Random RANDOM = new Random();

    private RedisPorts() {}

    static int next() {
        for (int attempt = 0; attempt < COUNT; attempt++) {
            int port = FIRST + RANDOM.nextInt(COUNT);
            if (isFree(port) && isFree(port + BUS)) {
                return port;
            }
        }
        throw new IllegalStateException("ports: none (expected: a free one in " + FIRST + ".." + (FIRST + COUNT) + ")");
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
