package dev.remora.strategy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.remora.pool.Backend;
import dev.remora.pool.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One answer of a running proxy, read from a resource whose first lines say how it was made.
 *
 * @param servers what the proxy was configured with
 * @param input the key, or the client's address
 * @param answer which server it chose, or which ones in which order, or how
 */
record RecordedPick(Servers servers, String input, String answer) {

    private static final Pattern SERVER = Pattern.compile("(?<at>.+)\\*(?<weight>\\d+)(#(?<id>\\d+))?(?<down>!?)");

    /** A server list as a pool: its ids in the proxy, and who is down. */
    record Servers(Snapshot snapshot, List<Integer> ids, BitSet down) {

        int id(Backend backend) {
            return ids.get(snapshot.indexOf(backend.id()));
        }

        String authority(int index) {
            return snapshot.node(index).backend().authority();
        }
    }

    /** All answers of a resource to one way of choosing. */
    static List<RecordedPick> read(String resource, String method) {
        List<RecordedPick> picks = new ArrayList<>();
        Servers servers = servers("");
        for (String line : text(resource).lines().toList()) {
            String[] cells = line.split("\t", -1);
            if (cells[0].equals("servers")) {
                servers = servers(cells[1]);
            } else if (cells[0].equals(method)) {
                picks.add(new RecordedPick(servers, URLDecoder.decode(cells[1], UTF_8), cells[2]));
            }
        }
        return picks;
    }

    /** A pick by key, by somebody who has tried some servers before. */
    FakeContext byKey(BitSet tried) {
        return context(tried).key(input);
    }

    /** A pick by address, by somebody who has tried some servers before. */
    FakeContext byAddress(BitSet tried) {
        FakeContext context = context(tried);
        try {
            context.clientAddress = InetAddress.getByName(input);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
        return context;
    }

    /** A member that listens somewhere. */
    static FakeNode server(int number, String authority, int weight) {
        return new FakeNode(
                Backend.of("server-" + number, "http://" + authority).withWeight(weight));
    }

    private FakeContext context(BitSet tried) {
        FakeContext context = new FakeContext();
        context.eligible = index -> !servers.down.get(index) && !tried.get(index);
        return context;
    }

    private static Servers servers(String list) {
        List<FakeNode> nodes = new ArrayList<>();
        List<Integer> ids = new ArrayList<>();
        BitSet down = new BitSet();
        Matcher server = SERVER.matcher("");
        for (String text : list.split(" ", -1)) {
            if (server.reset(text).matches()) {
                int place = nodes.size();
                nodes.add(server(place, server.group("at"), Integer.parseInt(server.group("weight"))));
                ids.add(server.group("id") == null ? place + 1 : Integer.parseInt(server.group("id")));
                down.set(place, !server.group("down").isEmpty());
            }
        }
        return new Servers(new Snapshot(1, nodes), ids, down);
    }

    private static String text(String resource) {
        try (InputStream in = RecordedPick.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(in, resource).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
