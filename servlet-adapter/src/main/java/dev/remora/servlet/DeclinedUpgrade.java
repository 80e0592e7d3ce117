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

    /** How it went wrong. */
    static final class Failed extends Exception {

        private static final long serialVersionUID = 1;

        private final transient Outcome outcome;

        private Failed(Outcome outcome) {
            super("the answer broke off", null, false, false);
            this.outcome = outcome;
        }

        Outcome outcome() {
            return outcome;
        }
    }

    /** @param head as it came */
    DeclinedUpgrade(Lease lease, AnswerHead head, HttpServletResponse response) {
        this.lease = lease;
        this.response = response;
        this.passing = PassingBody.watch(lease, head, false, () -> Resumption.NEVER);
        this.awaitsBeginning = lease.wantsBodyBeginning();
    }

    /**
     * Relays the body.
     *
     * @throws IOException if the client is gone
     * @throws Failed if the body is not whole
     */
    void relay(AnswerBody body) throws IOException, Failed {
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
    }

    private ByteBuffer next(AnswerBody body) throws IOException, Failed {
        FailureKind kind;
        try {
            return body.next();
        } catch (ClientGone e) {
            throw e.failure;
        } catch (SocketTimeoutException e) {
            kind = FailureKind.STREAM_IDLE;
        } catch (Rejection e) {
            kind = FailureKind.PROTOCOL;
        } catch (IOException e) {
            kind = FailureKind.TRUNCATED;
        }
        // A head that is on its way is not replaced by the container's page for errors.
        response.flushBuffer();
        throw new Failed(Outcome.failure(kind));
    }

    /** Sends what has come, since more has to be waited for. */
    void aboutToWait() throws IOException {
        passing.burstEnded();
        try {
            response.flushBuffer();
        } catch (IOException e) {
            throw new ClientGone(e);
        }
    }

    /** The client failed while the back end was asked. */
    private static final class ClientGone extends IOException {

        private static final long serialVersionUID = 1;

        private final IOException failure;

        ClientGone(IOException failure) {
            super(failure);
            this.failure = failure;
        }
    }
}
