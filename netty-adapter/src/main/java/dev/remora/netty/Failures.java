package dev.remora.netty;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** What a log may say of a broken connection. */
final class Failures {

    private Failures() {}

    /** The kind of a failure, and its text only where that cannot hold what the other side sent. */
    static String brief(Throwable failure) {
        Throwable cause =
                failure instanceof DecoderException && failure.getCause() != null ? failure.getCause() : failure;
        boolean harmless = cause instanceof IOException && !(cause instanceof SSLException);
        return harmless ? cause.toString() : cause.getClass().getName();
    }
}
