package dev.remora.netty;

import dev.remora.Lease;
import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/** An answer that is one JSON document: it names its tokens when it is whole, or never. */
final class PassingJson implements PassingBody {

    private final TokenCount tokens;
    private final ByteProcessor document;

    PassingJson(Lease lease) {
        tokens = new TokenCount(lease);
        document = b -> {
            tokens.scanner().next(b, true);
            return true;
        };
    }

    @Override
    public int pass(ByteBuf bytes) {
        int unused = bytes.forEachByte(document);
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
