package dev.remora.netty;

import io.netty.handler.codec.http.HttpDecoderConfig;

/** The settings of Netty's decoders, the same on both sides. */
final class DecoderConfigs {

    // A piece of a body is what one read of the socket brought: it is not cut smaller.
    private static final int MAX_PIECE_BYTES = 1024 * 1024;

    private DecoderConfigs() {}

    static HttpDecoderConfig of(Limits limits) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.maxInitialLineBytes())
                .setMaxHeaderSize(limits.maxHeaderBytes())
                .setMaxChunkSize(MAX_PIECE_BYTES)
                .setAllowPartialChunks(true)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setValidateHeaders(true);
    }
}
