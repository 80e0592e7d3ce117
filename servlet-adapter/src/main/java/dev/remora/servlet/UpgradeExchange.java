package dev.remora.servlet;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.Refusal;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.http.Problems;
import dev.remora.http.Rejection;
import dev.remora.http.ResponseRules;
import dev.remora.http.Upgrades;
import dev.remora.relay.Route;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request that asks for an upgrade, up to the answer: its {@link Route} finds a back end, which is asked while the
 * container's thread waits, since not all of them upgrade what has been asynchronous. Then nobody waits any more: what is left
 * is a {@link Tunnel}, a {@link DeclinedUpgrade} or nothing.
 */
final class UpgradeExchange implements Route.Traveller {

    private static final Logger log = LoggerFactory.getLogger(UpgradeExchange.class);
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int SWITCHING_PROTOCOLS = HttpServletResponse.SC_SWITCHING_PROTOCOLS;

    private final Tunnels tunnels;
    private final ProxiedRequest head;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final Runnable streamEnded;
    private final Route route;
    private final Serial serial = new Serial(this::crashed);
    // Written by whoever brings a wish, and by the one thread that waits; whoever is second sees the other's.
    private volatile @Nullable EndRequest cut;
    private volatile @Nullable BackendSocket socket;
    private @Nullable IOException clientGone;
    private boolean brokenOff;
    private boolean bodyShown;
    private @Nullable DeclinedUpgrade declined;
    private boolean handedOver;
    private boolean done;

    UpgradeExchange(
            Tunnels tunnels,
            ProxiedRequest head,
            HttpServletRequest request,
            HttpServletResponse response,
            Runnable streamEnded) {
        this.tunnels = tunnels;
        this.head = head;
        this.request = request;
        this.response = response;
        this.streamEnded = streamEnded;
        this.route = new Route(this, serial);
    }

    /** Waits for the balancer and the back end. */
    void run(CompletableFuture<Pick> question) throws IOException, ServletException {
        Object unused = question.handle((pick, failure) -> "known").join();
        serial.execute(() -> route.begin(question));
        if (clientGone != null) {
            throw clientGone;
        } else if (brokenOff) {
            ClientSide.breakConnection(request);
        }
    }

    // ---- the way to a back end

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void granted(Lease lease) {
        lease.onEndRequested(this::endRequested);
        Optional<Refusal> refused = Optional.empty();
        if (!bodyShown && lease.wantsRequestBody() > 0) {
            bodyShown = true;
            refused = lease.requestBody(ByteBuffer.allocate(0));
        }
        refused.ifPresentOrElse(route::refused, () -> ask(lease));
    }

    // On any thread. Nothing that has not begun can be ended politely.
    @Override
    public void endRequested(EndRequest wish) {
        if (wish.urgency() == EndRequest.Urgency.NOW) {
            cut = wish;
            BackendSocket asked = socket;
            if (asked != null) {
                asked.abort();
            }
        }
    }

    private void ask(Lease lease) {
        BackendSocket asked;
        try {
            asked = tunnels.connect(lease.backend());
        } catch (IOException e) {
            log.debug("back end {} could not be reached: {}", lease.backend().id(), e.toString());
            failed(FailureKind.CONNECT, true);
            return;
        }
        socket = asked;
        try {
            converse(lease, asked);
        } finally {
            if (!handedOver) {
                asked.closeProperly();
            }
        }
    }

    private void converse(Lease lease, BackendSocket asked) {
        ByteBuffer behind = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
        AnswerHead answer;
        try {
            answer = answer(lease, asked, behind);
        } catch (SocketTimeoutException e) {
            failed(FailureKind.FIRST_BYTE_TIMEOUT, head.isIdempotent());
            return;
        } catch (Rejection e) {
            failed(FailureKind.PROTOCOL, head.isIdempotent());
            return;
        } catch (IOException e) {
            failed(FailureKind.NO_RESPONSE, head.isIdempotent());
            return;
        }
        if (answer.status() == SWITCHING_PROTOCOLS) {
            agreed(lease, asked, answer, behind);
        } else {
            declined(lease, asked, answer, behind);
        }
    }

    /** Sends the request and waits for an answer that is none of the interim ones; those cannot be relayed. */
    private AnswerHead answer(Lease lease, BackendSocket asked, ByteBuffer behind) throws IOException {
        if (cut != null) {
            throw new ClosedChannelException();
        }
        List<String> protocols = Upgrades.offered(head.headers());
        HeaderList headers = head.forNextHop();
        lease.requestEdits().applyTo(headers);
        long deadlineNanos = deadlineIn(tunnels.proxy().timeouts().firstByte());
        asked.writeAll(tunnels.head(head, lease.backend(), headers, protocols), deadlineNanos);
        AnswerHead answer = readHead(asked, behind, deadlineNanos);
        while (answer.status() < 200 && answer.status() != SWITCHING_PROTOCOLS) {
            answer = readHead(asked, behind, deadlineNanos);
        }
        if (answer.status() == SWITCHING_PROTOCOLS && !Upgrades.isAnswer(answer.headers(), protocols)) {
            throw Rejection.badRequest("Another protocol was chosen than those that were offered.");
        }
        return answer;
    }

    private static AnswerHead readHead(BackendSocket asked, ByteBuffer bytes, long deadlineNanos) throws IOException {
        ResponseHeadParser parser = new ResponseHeadParser();
        Optional<AnswerHead> complete = parser.take(bytes);
        while (complete.isEmpty()) {
            int count = asked.readSome(bytes.clear(), deadlineNanos);
            bytes.flip();
            if (count < 0) {
                throw new EOFException();
            }
            complete = parser.take(bytes);
        }
        return complete.get();
    }

    private long deadlineIn(Duration timeout) {
        return tunnels.proxy().clock().nanos() + timeout.toNanos();
    }

    private void failed(FailureKind kind, boolean mayMove) {
        BackendSocket asked = socket;
        socket = null;
        if (asked != null) {
            // Before the next is asked, whose answer may take long.
            asked.closeProperly();
        }
        EndRequest wish = cut;
        if (wish == null) {
            route.failed(kind, mayMove);
        } else {
            answer(Problems.unavailable(wish.retryAfter()), HeaderEdits.none());
        }
    }

    // ---- what the client gets

    private void agreed(Lease lease, BackendSocket asked, AnswerHead answer, ByteBuffer behind) {
        HeaderEdits edits = lease.responseStarted(answer);
        String protocol = answer.headers("upgrade").get(0).strip();
        Optional<Boolean> extended = Upgrades.isToWebSocket(answer.headers())
                ? Optional.of(!answer.headers("sec-websocket-extensions").isEmpty())
                : Optional.empty();
        Tunnel tunnel = new Tunnel(tunnels.proxy(), tunnels.loop(), lease, asked, extended, behind, streamEnded);
        try {
            answer.applyTo(response, edits);
            announce(protocol);
            TunnelHandler handler = tunnels.upgrade(request);
            route.handOver();
            // A wish that comes now is the tunnel's.
            socket = null;
            handedOver = true;
            done = true;
            handler.take(tunnel, request.isSecure());
            tunnel.awaitBeginning();
        } catch (IOException | ServletException e) {
            throw new IllegalStateException("the container upgrades nothing", e);
        }
    }

    private void announce(String protocol) {
        response.setHeader("Connection", "Upgrade");
        response.setHeader("Upgrade", protocol);
    }

    private void declined(Lease lease, BackendSocket asked, AnswerHead answer, ByteBuffer behind) {
        HeaderEdits edits = lease.responseStarted(answer);
        boolean bodiless = ResponseRules.isBodiless(answer.status(), head.method());
        ClientSide client = ClientSide.startAsync(request, response, side -> {});
        handedOver = true;
        DeclinedUpgrade relaying = new DeclinedUpgrade(
                tunnels.proxy(),
                serial,
                lease,
                asked,
                client,
                answer,
                new AnswerBody(answer, bodiless, behind, asked::read),
                this::end);
        declined = relaying;
        relaying.begin(edits, head.asksToClose() && answer.isOpen(head));
    }

    @Override
    public void answer(Problem problem, HeaderEdits headers) {
        end(Outcome.cancelled());
        try {
            OwnAnswer.write(problem, headers, response);
        } catch (IOException e) {
            clientGone = e;
        }
    }

    @Override
    public void crashed(Throwable failure) {
        if (done) {
            log.debug("a request that is over failed", failure);
        } else {
            log.warn("relaying an upgrade failed", failure);
        }
        if (declined != null) {
            declined.crashed();
        } else if (!done && response.isCommitted()) {
            brokenOff = true;
            end(Outcome.cancelled());
        } else if (!done) {
            response.reset();
            answer(Problems.internalError(), HeaderEdits.none());
        }
    }

    private void end(Outcome outcome) {
        if (!done) {
            done = true;
            try {
                route.end(outcome);
            } finally {
                streamEnded.run();
            }
        }
    }
}
