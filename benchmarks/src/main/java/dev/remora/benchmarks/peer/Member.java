package dev.remora.benchmarks.peer;

import dev.remora.pool.Backend;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A back end as all contenders know it: a number, from which its name and its address follow.
 *
 * @param id 0 to {@value #MOST} - 1, the same for as long as the back end lives
 */
public record Member(int id) {

    /** How many there can be. */
    public static final int MOST = 40_000;

    /** Where all of them are. */
    static final String ZONE = "a";

    private static final int FIRST_PORT = 20_000;
    private static final String HOST = "127.0.0.1";

    /** Creates a member. */
    public Member {
        if (id < 0 || id >= MOST) {
            throw new IllegalArgumentException("id: " + id + " (expected: 0 to " + (MOST - 1) + ")");
        }
    }

    /** The members 0 to {@code size - 1}. */
    public static List<Member> first(int size) {
        return IntStream.range(0, size).mapToObj(Member::new).toList();
    }

    /** The id of the member at a port. */
    static int idAt(int port) {
        return port - FIRST_PORT;
    }

    /** The id that a server keeps in HAProxy. */
    static int serverId(Backend backend) {
        return 1 + idAt(backend.port());
    }

    Backend backend() {
        return Backend.of(name(), uri()).withZone(ZONE);
    }

    /** 1 to 4, for contenders whose members are not equal. */
    int unequalWeight() {
        return 1 + id % 4;
    }

    String name() {
        return "backend-" + id;
    }

    String host() {
        return HOST;
    }

    int port() {
        return FIRST_PORT + id;
    }

    String uri() {
        return "http://" + HOST + ":" + port();
    }
}
