package dev.remora.affinity;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The session of Socket.IO: the back end makes its id and tells it in the body of the first answer,
 * <code>0{"sid":"..."</code>, with its length in front of it up to version 2; the client sends it as {@code sid} in the query.
 */
record SocketIoSession(AffinityRule sent) implements AffinityRule {

    private static final int LOOK_AT = 256;
    private static final Pattern HANDSHAKE = Pattern.compile("(?:\\d{1,4}:)?0\\{\"sid\":\"([A-Za-z0-9_-]{1,64})\"");

    @Override
    public Optional<AffinityKey> key(RequestView request, ClientOrigin origin) {
        return sent.key(request, origin);
    }

    @Override
    public boolean learnsFromBody() {
        return true;
    }

    @Override
    public Optional<AffinityKey> learned(ByteBuffer bodyStart) {
        byte[] start = new byte[Math.min(LOOK_AT, bodyStart.remaining())];
        bodyStart.duplicate().get(start);
        Matcher handshake = HANDSHAKE.matcher(new String(start, StandardCharsets.ISO_8859_1));
        return handshake.lookingAt() ? Optional.of(AffinityKey.of(handshake.group(1))) : Optional.empty();
    }
}
