package dev.remora.relay;

import dev.remora.Lease;
import java.nio.ByteBuffer;

/** An answer that is one JSON document: it names its tokens when it is whole, or never. */
final class PassingJson implements PassingBody {

    private final TokenCount tokens;

    PassingJson(Lease lease) {
        tokens = new TokenCount(lease);
    }

    @Override
    public int pass(ByteBuffer bytes) {
        for (int at = bytes.position(); at < bytes.limit(); at++) {
            tokens.scanner().next(bytes.get(at), true);
        }
        return NOWHERE;
    }

    @Override
    public void ended() {
        tokens.ended();
        if (tokens.scanner().isExact()) {
            tokens.tell();
        }
    }
}
