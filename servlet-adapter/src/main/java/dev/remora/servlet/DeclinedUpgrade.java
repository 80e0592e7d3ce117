package dev.remora.servlet;

import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Rejection;
import dev.remora.relay.PassingBody;
import dev.remora.relay.Resumption;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** The answer of a back end that declines an upgrade, relayed on the container's thread. */
final class DeclinedUpgrade {

    private final Lease lease;
    private final HttpServletResponse response;
    private final PassingBody passing;
    private boolean awaitsBeginning;
    private Outcome outcome = Outcome.success();

    /** @param head as it came */
    DeclinedUpgrade(Lease lease, AnswerHead head, HttpServletResponse response) {
        this.lease = lease;
        this.response = response;
        this.passing = PassingBody.watch(lease, head, false, () -> Resumption.NEVER);
        this.awaitsBeginning = lease.wantsBodyBeginning();
    }

    /**
     * Relays the body; what has come is sent before it waits for more.
     *
     * @return how the stream ended
     * @throws IOException if the client is gone
     * @throws BrokenOff if the body is not whole
     */
    Outcome relay(AnswerBody body) throws IOException, BrokenOff {
        ServletOutputStream out = response.getOutputStream();
        for (ByteBuffer piece = next(body); piece.hasRemaining(); piece = next(body)) {
            if (awaitsBeginning) {
                awaitsBeginning = false;
                lease.bodyBegins(piece.asReadOnlyBuffer());
            }
            int unused = passing.pass(piece);
            lease.streamed(piece.remaining());
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            out.write(bytes);
        }
        passing.ended();
        return outcome;
    }

    /** How the stream ended that is not whole. */
    Outcome outcome() {
        return outcome;
    }

    private ByteBuffer next(AnswerBody body) throws IOException, BrokenOff {
        if (!body.hasMore()) {
            passing.burstEnded();
            response.flushBuffer();
        }
        try {
            return body.next();
        } catch (SocketTimeoutException e) {
            outcome = Outcome.failure(FailureKind.STREAM_IDLE);
        } catch (Rejection e) {
            outcome = Outcome.failure(FailureKind.PROTOCOL);
        } catch (IOException e) {
            outcome = Outcome.failure(FailureKind.TRUNCATED);
        }
        throw new BrokenOff();
    }
}
