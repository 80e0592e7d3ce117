package dev.remora.servlet;

import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problems;
import dev.remora.http.Rejection;
import dev.remora.relay.PassingBody;
import dev.remora.relay.Resumption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a back end that declines an upgrade, on its way to the client as fast as that one reads. No thread waits for
 * either. What has come reaches the client even if the rest does not.
 *
 * <p>Used in the serial of its exchange; container, loop and timer come from outside. It ends once.
 */
final class DeclinedUpgrade implements BackendSocket.Listener, AnswerOutput.Listener, ClientSide.Listener {

    private static final int BURST_BYTES = 16 * 1024;
    private static final int BURST_PIECES = 256;
    // How many bursts pass before others have their turn: the loop's thread serves all tunnels.
    private static final int BURSTS = 16;

    private final ProxySettings proxy;
    private final Serial serial;
    private final Lease lease;
    private final BackendSocket socket;
    private final ClientSide client;
    private final AnswerHead head;
    private final AnswerBody body;
    private final Consumer<Outcome> ended;
    private final StreamTimer timer;
    private final PassingBody passing;
    private @Nullable AnswerOutput output;
    private boolean awaitsBeginning;
    // Whether the client has taken all that was written.
    private boolean idle;
    private boolean pumping;
    // How it will end, as soon as what has come is written.
    private @Nullable Outcome broken;
    private boolean done;

    /**
     * An answer whose head has come.
     *
     * @param head as it came
     * @param ended told once, in the serial, before the client may see the end
     */
    DeclinedUpgrade(
            ProxySettings proxy,
            Serial serial,
            Lease lease,
            BackendSocket socket,
            ClientSide client,
            AnswerHead head,
            AnswerBody body,
            Consumer<Outcome> ended) {
        this.proxy = proxy;
        this.serial = serial;
        this.lease = lease;
        this.socket = socket;
        this.client = client;
        this.head = head;
        this.body = body;
        this.ended = ended;
        this.timer = new StreamTimer(serial, proxy.scheduler(), proxy.clock());
        this.passing = PassingBody.watch(lease, head, false, () -> Resumption.NEVER);
        this.awaitsBeginning = lease.wantsBodyBeginning();
    }

    /** Sends the head, and then what comes. */
    void begin(HeaderEdits edits, boolean lastAndOpen) {
        socket.listen(this);
        client.listen(this, serial);
        try {
            client.answer(head, edits, lastAndOpen);
            AnswerOutput writing = new AnswerOutput(this, serial, client.output());
            output = writing;
            timer.await(proxy.timeouts().streamIdle(), this::silent);
            writing.begin(head.isLarge());
        } catch (IOException e) {
            clientGone();
        }
        if (socket.isAborted()) {
            // Nobody was there to hear it.
            breakOff(Outcome.cancelled());
        }
    }

    // ---- from the back end to the client

    @Override
    public void ready() {
        serial.execute(this::pump);
    }

    @Override
    public void outputIdle() {
        idle = true;
        timer.touch();
        if (!done) {
            lease.paused(false);
        }
        pump();
    }

    // Writing may tell at once that there is room again.
    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            int bursts = 0;
            // Until one side has to be waited for.
            while (bursts < BURSTS && idle && !done && passBurst()) {
                bursts++;
            }
            if (bursts == BURSTS) {
                socket.later(this::ready);
            }
        } finally {
            pumping = false;
        }
    }

    private boolean passBurst() {
        AnswerOutput writing = output;
        if (writing == null) {
            return false;
        }
        Outcome outcome = broken;
        if (outcome != null) {
            breakOff(outcome);
            return false;
        }
        List<ByteBuffer> burst = readBurst();
        if (!burst.isEmpty()) {
            timer.touch();
            passing.burstEnded();
            idle = false;
            writing.write(burst);
            lease.paused(!idle);
        } else if (body.isEnded()) {
            passing.ended();
            end(Outcome.success());
            timer.await(proxy.timeouts().streamIdle(), () -> breakOff(Outcome.cancelled()));
            writing.end(new byte[0]);
        } else if (broken == null) {
            socket.want(SelectionKey.OP_READ);
            return false;
        }
        return true;
    }

    private List<ByteBuffer> readBurst() {
        List<ByteBuffer> burst = new ArrayList<>(1);
        try {
            int left = BURST_BYTES;
            while (left > 0 && burst.size() < BURST_PIECES) {
                ByteBuffer piece = body.next();
                if (!piece.hasRemaining()) {
                    break;
                }
                left -= piece.remaining();
                burst.add(pass(piece));
            }
        } catch (Rejection e) {
            broken = Outcome.failure(FailureKind.PROTOCOL);
        } catch (IOException e) {
            // Who cuts it closes it under us.
            broken = socket.isAborted() ? Outcome.cancelled() : Outcome.failure(FailureKind.TRUNCATED);
        }
        return burst;
    }

    /** Looks at a piece, and copies it: the next one comes to the same place. */
    private ByteBuffer pass(ByteBuffer piece) {
        if (awaitsBeginning) {
            awaitsBeginning = false;
            lease.bodyBegins(piece.asReadOnlyBuffer());
        }
        int unused = passing.pass(piece);
        lease.streamed(piece.remaining());
        return ByteBuffer.allocate(piece.remaining()).put(piece).flip();
    }

    // ---- how it ends

    @Override
    public void outputEnded() {
        timer.stop();
        client.complete();
    }

    @Override
    public void outputBroken() {
        clientGone();
    }

    @Override
    public void clientGone() {
        abandon();
        end(Outcome.cancelled());
        client.complete();
    }

    @Override
    public void proxyGone() {
        breakOff(Outcome.cancelled());
    }

    @Override
    public void aborted() {
        serial.execute(() -> {
            if (!done) {
                breakOff(Outcome.cancelled());
            }
        });
    }

    private void silent() {
        breakOff(idle ? Outcome.failure(FailureKind.STREAM_IDLE) : Outcome.cancelled());
    }

    /** A step threw. */
    void crashed() {
        if (client.isGone()) {
            clientGone();
        } else if (!done && client.isUntold()) {
            abandon();
            end(Outcome.failure(FailureKind.PROTOCOL));
            client.answerInstead(Problems.of(FailureKind.PROTOCOL), head);
        } else {
            breakOff(Outcome.cancelled());
        }
    }

    /** The client must see that something is missing. */
    private void breakOff(Outcome outcome) {
        abandon();
        end(outcome);
        client.breakOff();
    }

    private void abandon() {
        timer.stop();
        if (output != null) {
            output.abandon();
        }
    }

    private void end(Outcome outcome) {
        timer.stop();
        if (!done) {
            done = true;
            socket.closeProperly();
            ended.accept(outcome);
        }
    }
}
