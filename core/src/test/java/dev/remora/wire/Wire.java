package dev.remora.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One end of a TCP connection, for speaking HTTP to the letter or against it. Reads give up after 20 s. */
public final class Wire implements AutoCloseable {

    private static final int GIVE_UP_MILLIS = 20_000;

    private final Socket socket;
    private final Socket under;
    private final InputStream in;
    private final OutputStream out;
    private boolean lineOpen;

    public Wire(Socket socket) {
        this(socket, socket);
    }

    /** TLS over a TCP connection. */
    public Wire(Socket socket, Socket under) {
        try {
            this.socket = socket;
            this.under = under;
            socket.setSoTimeout(GIVE_UP_MILLIS);
            socket.setTcpNoDelay(true);
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Wire to(int port) {
        try {
            return new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Socket socket() {
        return socket;
    }

    /** Sends text; every character is one byte. */
    public Wire send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public Wire send(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A message's head, up to and with the empty line; empty when the other side has closed before. */
    public String head() {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = read();
            if (c < 0) {
                if (head.length() == 0) {
                    return "";
                }
                throw new AssertionError("closed within a head: " + head);
            }
            head.append((char) c);
        }
        return head.toString();
    }

    /** One line without its end. */
    public String line() {
        StringBuilder line = new StringBuilder();
        for (int c = read(); c != '\n'; c = read()) {
            if (c < 0) {
                throw new AssertionError("closed within a line: " + line);
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /**
     * One chunk's data; empty for the last one, whose trailers stay unread. The end of its line is read with what follows:
     * some servers send it no sooner.
     */
    public String chunk() {
        int size = Integer.parseInt(line(), 16);
        String data = text(size);
        lineOpen = size > 0;
        return data;
    }

    /** A chunked body as a whole, and its trailers behind a bar. */
    public String chunked() {
        StringBuilder body = new StringBuilder();
        for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
            body.append(chunk);
        }
        for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
            body.append('|').append(trailer);
        }
        return body.toString();
    }

    /** So many bytes as text. */
    public String text(int bytes) {
        try {
            byte[] read = in.readNBytes(bytes);
            if (read.length < bytes) {
                throw new EOFException("closed after " + read.length + " of " + bytes + " bytes");
            }
            return new String(read, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads so many bytes and forgets them. */
    public void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /** A whole response: head and body by its Content-Length or chunks. */
    public String response() {
        String head = head();
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("transfer-encoding: chunked")) {
            return head + chunked();
        }
        int length = lower.indexOf("content-length: ");
        return length < 0
                ? head
                : head + text(Integer.parseInt(lower.substring(length + 16, lower.indexOf('\r', length))));
    }

    /** Everything up to the end of the connection. */
    public String rest() {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        for (int c = read(); c >= 0; c = read()) {
            rest.write(c);
        }
        return rest.toString(StandardCharsets.ISO_8859_1);
    }

    /** One byte; -1 at the end, -2 when the other side has reset the connection. */
    public int read() {
        try {
            int next = in.read();
            if (lineOpen && next == '\r') {
                next = in.read();
            }
            if (lineOpen && next == '\n') {
                next = in.read();
            }
            lineOpen = false;
            return next;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came for " + GIVE_UP_MILLIS + " ms", e);
        } catch (IOException e) {
            return -2;
        }
    }

    public void shutOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes with a reset, unless it is closed already; its own thread may be closing it right now. */
    public void reset() {
        try {
            try {
                socket.setSoLinger(true, 0);
            } catch (SocketException e) {
                // It is closing. Over TLS the socket below goes first, and this one does not say so yet.
            }
            socket.close();
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Closes the TCP connection without the goodbye of TLS. */
    public void closeUnderTls() {
        try {
            under.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
