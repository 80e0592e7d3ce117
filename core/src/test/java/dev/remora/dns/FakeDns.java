package dev.remora.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;

/** A resolver on 127.0.0.1, over UDP and TCP, that answers what a test wants. */
final class FakeDns implements AutoCloseable {

    /** What is answered. */
    interface Zone {
        /** The bytes to send, or nothing to stay silent. */
        Optional<byte[]> answer(Message query, boolean tcp) throws Exception;
    }

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final AtomicInteger questions = new AtomicInteger();
    private final AtomicInteger tcpQuestions = new AtomicInteger();
    private volatile Zone zone = silent();

    FakeDns() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        ServerSocket stream = null;
        DatagramSocket datagram = null;
        while (datagram == null) {
            stream = new ServerSocket(0, 50, loopback);
            try {
                datagram = new DatagramSocket(stream.getLocalPort(), loopback);
            } catch (BindException e) {
                stream.close();
            }
        }
        this.tcp = stream;
        this.udp = datagram;
        start(this::serveDatagrams);
        start(this::serveStreams);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) udp.getLocalSocketAddress();
    }

    void serve(Zone newZone) {
        zone = newZone;
    }

    int questions() {
        return questions.get();
    }

    int tcpQuestions() {
        return tcpQuestions.get();
    }

    static Zone silent() {
        return (query, tcp) -> Optional.empty();
    }

    /** Answers every question with those of the records that are of its name and type; aliases always match. */
    static Zone records(Record... records) {
        return (query, tcp) -> {
            Record question = query.getQuestion();
            List<Record> matching = Arrays.stream(records)
                    .filter(each -> each instanceof CNAMERecord || each.getType() == question.getType())
                    .filter(each -> each.getName().equals(question.getName()) || records[0] instanceof CNAMERecord)
                    .toList();
            return Optional.of(reply(query, Rcode.NOERROR, matching).toWire());
        };
    }

    static Zone code(int rcode) {
        return (query, tcp) -> Optional.of(reply(query, rcode, List.of()).toWire());
    }

    /** The same, cut over UDP. */
    static Zone truncated(Zone whole) {
        return (query, tcp) -> {
            if (tcp) {
                return whole.answer(query, true);
            }
            Message cut = reply(query, Rcode.NOERROR, List.of());
            cut.getHeader().setFlag(Flags.TC);
            return Optional.of(cut.toWire());
        };
    }

    static Message reply(Message query, int rcode, List<Record> records) {
        Message reply = new Message(query.getHeader().getID());
        reply.getHeader().setFlag(Flags.QR);
        reply.getHeader().setRcode(rcode);
        reply.addRecord(query.getQuestion(), Section.QUESTION);
        records.forEach(each -> reply.addRecord(each, Section.ANSWER));
        return reply;
    }

    static Record address(String host, long ttl, String address) {
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return address.contains(":")
                    ? new AAAARecord(name(host), DClass.IN, ttl, parsed)
                    : new ARecord(name(host), DClass.IN, ttl, parsed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Record alias(String host, long ttl, String target) {
        return new CNAMERecord(name(host), DClass.IN, ttl, name(target));
    }

    static Record service(String name, long ttl, int priority, int weight, int port, String target) {
        return new SRVRecord(name(name), DClass.IN, ttl, priority, weight, port, name(target));
    }

    private static Name name(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (TextParseException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Service {
        void run() throws Exception;
    }

    private static void start(Service service) {
        Thread thread = new Thread(() -> {
            try {
                service.run();
            } catch (Exception e) {
                // Closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void serveDatagrams() throws Exception {
        byte[] buffer = new byte[4096];
        while (true) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            udp.receive(packet);
            questions.incrementAndGet();
            Message query = new Message(Arrays.copyOf(buffer, packet.getLength()));
            Optional<byte[]> reply = zone.answer(query, false);
            if (reply.isPresent()) {
                udp.send(new DatagramPacket(reply.get(), reply.get().length, packet.getSocketAddress()));
            }
        }
    }

    private void serveStreams() throws Exception {
        while (true) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] bytes = new byte[in.readUnsignedShort()];
                in.readFully(bytes);
                tcpQuestions.incrementAndGet();
                Optional<byte[]> reply = zone.answer(new Message(bytes), true);
                if (reply.isPresent()) {
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeShort(reply.get().length);
                    out.write(reply.get());
                    out.flush();
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
